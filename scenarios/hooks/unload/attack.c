// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a module that is unloaded while its probes run leaves somebody in code that is gone.
 * Steps:   processes do without pause what hooks of every kind look at; meanwhile such hooks come and go,
 *          those that hold and those that change a call among them, and the module is unloaded and loaded
 *          anew, again and again. Shape `held`: it is to be unloaded while somebody is held.
 * Success: the kernel dies, the module does not unload, or does while somebody is held, or the hooks of the
 *          next one miss something.
 * Source:  unregistering while a handler is in flight.
 */
#include "broken.h"
#include "doings.h"
#include "held.h"
#include "module.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKERS	   3
#define ROUNDS	   2 /* of hooks that are gated, and that are not */
#define CALLS	   50
#define HOLD_NS	   1000000
#define LONG_NS	   500000000u
#define WAITS_MOST 10000 /* ms */

static const char *const shapes[] = { "plain", "held", NULL };

/* Runs in a process that has not the session, which would be its as well. */
static pid_t start(struct session *s, void (*work)(struct session *s))
{
	uint64_t seed = kit_random(&s->kit);
	int closed[2];
	char byte;
	pid_t pid;

	if (pipe2(closed, O_CLOEXEC))
		kit_broken("pipe");
	pid = kit_fork(&s->kit);
	if (pid == 0) {
		hooks_close(&s->hooks);
		close(closed[0]);
		close(closed[1]);
		s->kit.state = seed;
		work(s);
		_exit(0);
	}
	close(closed[1]);
	if (read(closed[0], &byte, 1) || close(closed[0])) /* until then it has the session */
		kit_broken("worker");
	return pid;
}

static void do_things(struct session *s)
{
	for (;;)
		doings_any(&s->kit);
}

static void load(void)
{
	int err = module_load("");

	if (err) {
		errno = -err;
		kit_broken("load");
	}
}

/* --- shape plain ------------------------------------------------------------------------------------ */

static bool can(const struct session *s, const struct pf_hook *hook)
{
	return s->hooks.info.kinds & 1ull << hook->kind;
}

static void add_watchers(struct session *s, uint32_t flags)
{
	for (int kind = PF_CALL; kind < PF_KINDS; kind++) {
		struct pf_hook hook = hooks_all(kind);

		hook.flags |= flags;
		if (can(s, &hook))
			session_add(s, &hook);
	}
}

static int add_lever(struct session *s, enum pf_kind kind)
{
	struct pf_hook hook = hooks_all(kind);

	hook.deed = PF_DO_HOLD;
	hook.value = HOLD_NS;
	hook.one_in = 2;
	hook.seed = kit_random(&s->kit);
	if (kind == PF_RETURN)
		hook.number = SYS_getsid;
	return can(s, &hook) ? session_add(s, &hook) : 0;
}

/* Of getsid(2), which workers alone make, and want nothing of. */
static void add_deeds(struct session *s)
{
	struct pf_hook hook = hooks_all(PF_CALL);

	hook.number = SYS_getsid;
	hook.parameters[0] = (struct pf_parameter){ 0, 4, PF_PARAMETER_SIGNED, 0 };
	hook.deed = PF_DO_SET_ARGUMENT;
	hook.value = 1;
	session_add(s, &hook);
	hook.kind = PF_RETURN;
	hook.deed = PF_DO_SET_RESULT;
	hook.value = 7;
	session_add(s, &hook);
}

static void await_deed(struct session *s, int id)
{
	for (int i = 0; !session_counts(s, id).done; i++) {
		if (i == WAITS_MOST) {
			errno = ETIMEDOUT;
			kit_broken("deed");
		}
		kit_sleep_ns(HOLD_NS);
	}
}

/* Hooks of all kinds, and each lever was pulled once at least, if there is anybody at work. */
static void set_hooks_to_work(struct session *s, bool gated)
{
	static const enum pf_kind kinds[] = { PF_RETURN, PF_EXEC, PF_FORK, PF_OPEN };
	int levers[sizeof(kinds) / sizeof(kinds[0])];

	add_watchers(s, gated ? PF_SCOPED | PF_SCOPE_KEPT | PF_SCOPE_LATER : 0);
	add_deeds(s);
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		levers[i] = add_lever(s, kinds[i]);
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (levers[i] && !s->kit.honest)
			await_deed(s, levers[i]);
}

/* Under `off` the session stays open, and an open session keeps its module. */
static bool change_modules(struct session *s)
{
	bool gone = true;

	for (int i = 0; i < ROUNDS; i++) {
		set_hooks_to_work(s, i % 2);
		kit_sleep_ns(kit_below(&s->kit, 3000000));
		if (s->defended)
			hooks_close(&s->hooks);
		if (module_unload_after(HOLD_NS))
			gone = false;
		else
			load();
		if (!s->defended)
			hooks_close(&s->hooks);
		session_reopen(s, PF_RING_LEAST);
	}
	return gone;
}

static bool changes_modules_at_work(struct session *s)
{
	unsigned busy = s->kit.honest ? 0 : WORKERS;
	pid_t workers[WORKERS];
	bool gone;

	for (unsigned i = 0; i < busy; i++)
		workers[i] = start(s, do_things);
	gone = change_modules(s);
	for (unsigned i = 0; i < busy; i++) {
		int status;

		if (kill(workers[i], SIGKILL) || waitpid(workers[i], &status, 0) != workers[i])
			kit_broken("worker");
		if (WIFEXITED(status)) /* by itself, and it has said why */
			_exit(KIT_BROKEN);
	}
	return gone;
}

/* --- shape held ------------------------------------------------------------------------------------- */

static void be_held(struct session *s)
{
	held_time_call(s);
}

/* The first match of it holds for half of the longest time at least. Under `off` it only looks on. */
static struct pf_hook long_hold(struct session *s)
{
	struct pf_hook hook = hooks_all(PF_RETURN);
	uint64_t ns;

	hook.number = SYS_getpgid;
	hook.deed = PF_DO_HOLD;
	hook.value = PF_HOLD_MOST;
	do
		hook.seed = kit_random(&s->kit);
	while (!hooks_draw(&hook, 0, &ns) || ns < LONG_NS);
	if (!s->defended) {
		hook.deed = PF_DO_NOTHING;
		hook.value = 0;
		hook.seed = 0;
	}
	return hook;
}

/* Until the hook has had its match. */
static void await_match(struct session *s, int id)
{
	struct pollfd ring = { .fd = s->hooks.fd, .events = POLLIN };

	if (poll(&ring, 1, WAITS_MOST) != 1)
		kit_broken("poll");
	if (s->defended) /* it is recorded before the lever is with its task */
		await_deed(s, id);
}

/* The module goes when whoever is held has been let go, and not before. */
static bool waits_for_held(struct session *s)
{
	struct pf_hook hook = long_hold(s);
	int id = session_add(s, &hook), status;
	uint64_t begun = jsonl_now();
	bool refused, gone, long_enough;
	pid_t pid = start(s, be_held);

	await_match(s, id);
	hooks_close(&s->hooks);
	refused = module_unload() == -EAGAIN;
	gone = !refused || !module_unload_after(PF_HOLD_MOST);
	long_enough = jsonl_now() - begun >= LONG_NS;
	if (gone)
		load();
	if (waitpid(pid, &status, 0) != pid || status)
		kit_broken("who was held");
	session_reopen(s, PF_RING_LEAST);
	return refused && gone && long_enough;
}

static bool changes_modules(struct session *s)
{
	hooks_close(&s->hooks);
	if (module_unload())
		kit_broken("unload");
	load();
	session_reopen(s, PF_RING_LEAST);
	return true;
}

/* ---------------------------------------------------------------------------------------------------- */

int main(int argc, char **argv)
{
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		unsigned seen;
		bool gone;

		if (kit_shape_is(&s.kit, "plain"))
			gone = changes_modules_at_work(&s);
		else
			gone = s.kit.honest ? changes_modules(&s) : waits_for_held(&s);
		seen = session_sees(&s, SYS_getpgid, CALLS);
		session_judged(n, gone && seen == CALLS, CALLS, seen);
	}
	hooks_close(&s.hooks);
	return 0;
}
