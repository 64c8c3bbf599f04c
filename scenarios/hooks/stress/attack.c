// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  many sessions whose hooks come and go while everything happens that they look at: what one of
 *          them does makes another miss something, or takes the kernel down.
 * Steps:   some processes fork, exec, end, open, bind, connect, are sent signals, get errors; others open
 *          sessions, add hooks, right ones and wrong ones, read, remove and close, or are killed meanwhile.
 *          One session watches known calls all the while.
 * Success: it has not seen each of them once.
 * Source:  the stress tests of other kernel modules.
 */
#include "any-hook.h"
#include "broken.h"
#include "doings.h"
#include "session.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DOERS	 3
#define WATCHERS 3
#define HOOKS	 6
#define ROUNDS	 20
#define CALLS	 25
#define PAUSE_NS 2000000

static const char *const shapes[] = { "plain", NULL };

static _Noreturn void do_things(struct session *s)
{
	for (;;)
		doings_any(&s->kit);
}

/* --- who watches ---------------------------------------------------------------------------------- */

/* What the module cannot do on this kernel, or has no room for, it may say; nothing else. */
static void add_any(struct session *s, struct hooks *hooks)
{
	bool spoilt = kit_one_in(&s->kit, 3);
	struct any_hook any;
	int id;

	any_hook(&s->kit, &hooks->info, &any);
	if (spoilt)
		any_hook_spoil(&s->kit, &any);
	id = hooks_add(hooks, &any.hook);
	if (id > 0 || spoilt || id == -EOPNOTSUPP || id == -ENOSPC || id == -ENOMEM)
		return;
	errno = -id;
	kit_broken(hooks->reason[0] ? hooks->reason : "any hook");
}

/* 0 or why the ring cannot be read on. */
static int drain(struct hooks *hooks)
{
	int err;

	while (hooks_next(hooks, &err))
		;
	return err;
}

static _Noreturn void watch(struct session *s)
{
	for (;;) {
		unsigned count = 1 + (unsigned)kit_below(&s->kit, HOOKS);
		struct hooks hooks;
		int err = hooks_open(&hooks, PF_RING_LEAST << kit_below(&s->kit, 3));

		if (err) {
			errno = -err;
			kit_broken("/dev/photofinish");
		}
		for (unsigned i = 0; i < count; i++)
			add_any(s, &hooks);
		kit_sleep_ns(kit_below(&s->kit, PAUSE_NS));
		err = drain(&hooks);
		if (err) {
			errno = -err;
			kit_broken("ring");
		}
		for (unsigned i = 0; i < count / 2; i++)
			(void)hooks_remove(&hooks, 1 + (int)kit_below(&s->kit, 4096));
		hooks_close(&hooks);
	}
}

/* Ends with whoever started it, at the latest. */
static pid_t start(struct session *s, void (*work)(struct session *s))
{
	uint64_t seed = kit_random(&s->kit);
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		kit_broken("fork");
	if (pid)
		return pid;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(KIT_BROKEN);
	s->kit.state = seed;
	if (s->defended) /* else the session is everybody's */
		hooks_close(&s->hooks);
	work(s);
	_exit(0);
}

/* Two who read one ring spoil it for each other, which is what the lane is to show. */
static _Noreturn void steal(struct session *s)
{
	for (;;) {
		(void)drain(&s->hooks);
		sched_yield();
	}
}

static void stop(pid_t pid)
{
	int status;

	if (kill(pid, SIGKILL) || waitpid(pid, &status, 0) != pid)
		kit_broken("worker");
	if (WIFEXITED(status)) /* by itself, and it has said why */
		_exit(KIT_BROKEN);
}

/* What a ring that somebody else spoilt says is nothing. */
static unsigned look(struct session *s, const struct session_of *of)
{
	const struct pf_record *record;
	unsigned seen = 0;
	int err;

	if (s->defended)
		return session_count(s, session_is_of, of);
	while ((record = hooks_next(&s->hooks, &err)))
		seen += session_is_of(record, of);
	return err ? 0 : seen;
}

/* Calls that nobody else makes, with pauses in which everybody else does what he does. */
static unsigned see_calls(struct session *s)
{
	struct pf_hook hook = hooks_all(PF_CALL);
	struct session_of of = { .pid = getpid() };
	unsigned seen = 0;

	hook.number = SYS_getpgid;
	of.hook = session_add(s, &hook);
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < CALLS; i++)
			syscall(SYS_getpgid, 0);
		if (!s->kit.honest)
			kit_sleep_ns(kit_below(&s->kit, PAUSE_NS));
		seen += look(s, &of);
	}
	session_remove(s, of.hook);
	return seen;
}

int main(int argc, char **argv)
{
	pid_t workers[DOERS + WATCHERS + 1];
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		unsigned busy = 0, seen;

		for (unsigned i = 0; i < DOERS && !s.kit.honest; i++)
			workers[busy++] = start(&s, do_things);
		for (unsigned i = 0; i < WATCHERS && !s.kit.honest; i++)
			workers[busy++] = start(&s, watch);
		if (!s.defended)
			workers[busy++] = start(&s, steal);
		seen = see_calls(&s);
		while (busy > 0)
			stop(workers[--busy]);
		session_looked(n, ROUNDS * CALLS, seen);
	}
	hooks_close(&s.hooks);
	return 0;
}
