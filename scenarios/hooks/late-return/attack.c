// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  what is remembered of a call is taken for another's: its task ended unseen, and the next task
 *          lies where it lay; or the task itself was no longer looked at when the call ended.
 * Steps:   a hook on the end of read(2), and a task in the middle of one; the hook goes, the task is killed,
 *          another begins a read that nobody sees, and ends it under a new hook. Or the hooks that are left
 *          are gated, the task is out of scope, ends that read and begins the next. Or tasks end by exit_group(2), which
 *          does not return, one after the other, under a hook on the ends of all calls.
 * Success: that end is told with arguments, as if its beginning had been seen; or it counts as one that
 *          failed a hook for a program of another name. Or exit_group(2) is told to have returned, or the call that
 *          made a task is not told to have begun unseen, or told as another.
 * Source:  per-task state that outlives the probes which end it.
 */
#include "broken.h"
#include "session.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const shapes[] = { "plain", "gated", "ended", NULL };

/* Kernels for mips may have forgotten by then which call it was, and only who looks at all of them is told. */
#ifdef __mips__
#define LATE -1
#else
#define LATE SYS_read
#endif

#define READS	 3
#define CHILDREN 20

/* Of each call that makes a task. Kernels for arm and arm64 tell the maker's alone: ret_from_fork in their entry code. */
#if defined(__arm__) || defined(__aarch64__)
#define ENDS 1u
#else
#define ENDS 2u
#endif

struct reader {
	pid_t pid;
	int to[2];
};

/* It reads a byte as often, and asks for one more byte each time. */
static void start_reader(struct session *s, struct reader *r, unsigned times)
{
	char bytes[READS];

	if (pipe2(r->to, O_CLOEXEC))
		kit_broken("pipe");
	r->pid = kit_fork(&s->kit);
	for (unsigned i = 1; r->pid == 0 && i <= times; i++)
		if (read(r->to[0], bytes, i) != 1)
			_exit(KIT_BROKEN);
	if (r->pid == 0)
		_exit(0);
	session_await_sleep(r->pid);
}

static void end_read(struct reader *r)
{
	if (write(r->to[1], "x", 1) != 1)
		kit_broken("reader");
}

static void end_reader(struct reader *r, bool kindly)
{
	if (kindly)
		end_read(r);
	else if (kill(r->pid, SIGKILL))
		kit_broken("reader");
	if (waitpid(r->pid, NULL, 0) != r->pid || close(r->to[0]) || close(r->to[1]))
		kit_broken("reader");
}

static int add_hook(struct session *s, int number, const char *comm)
{
	struct pf_hook hook = hooks_all(PF_RETURN);

	hook.number = number;
	strcpy(hook.comm, comm);
	return session_add(s, &hook);
}

static bool begins_unseen(const struct pf_record *record, const void *context)
{
	const struct pf_event *event = (const void *)record;

	return session_is_of(record, context) && record->flags & PF_NO_CALL &&
	       (event->view.number == SYS_read || event->view.number == LATE);
}

static bool begins_seen(const struct pf_record *record, const void *context)
{
	return session_is_of(record, context) && !(record->flags & PF_NO_CALL);
}

/* Under `off`, and in the honest lane, the beginning is seen. */
static bool try_plain(struct session *s, unsigned *seen)
{
	bool before = !s->defended || s->kit.honest, right;
	struct session_of of = {};
	struct reader r;
	int others;

	if (!s->kit.honest) {
		int id = add_hook(s, SYS_read, "");

		start_reader(s, &r, 1);
		session_remove(s, id);
		end_reader(&r, false);
	}
	if (before)
		of.hook = add_hook(s, SYS_read, "");
	start_reader(s, &r, 1);
	if (!before)
		of.hook = add_hook(s, LATE, "");
	others = add_hook(s, LATE, "somebody-else");
	of.pid = r.pid;
	end_reader(&r, true);
	*seen = session_count(s, s->kit.honest ? begins_seen : begins_unseen, &of);
	right = *seen == 1 && (before || session_counts(s, of.hook).failed) &&
		!session_counts(s, others).failed;
	session_remove(s, of.hook);
	session_remove(s, others);
	return right;
}

/*
 * Three reads: under a hook for everybody, under none but one for the scope, and from the middle of that one on
 * under a hook for everybody again. Under `off`, and in the honest lane, the first hook stays.
 */
static unsigned try_gated(struct session *s)
{
	bool stays = !s->defended || s->kit.honest;
	struct pf_hook gated = hooks_all(PF_RETURN);
	struct session_of of = {};
	struct reader r;
	unsigned seen;
	int id;

	gated.number = SYS_read;
	gated.flags |= PF_SCOPED | PF_SCOPE_LATER;
	id = session_add(s, &gated);
	of.hook = add_hook(s, SYS_read, "");
	start_reader(s, &r, READS);
	of.pid = r.pid;
	if (!stays)
		session_remove(s, of.hook);
	end_read(&r);
	session_await_sleep(r.pid);
	if (!stays)
		of.hook = add_hook(s, SYS_read, "");
	end_read(&r);
	session_await_sleep(r.pid);
	end_reader(&r, true);
	seen = session_count(s, begins_seen, &of);
	session_remove(s, of.hook);
	session_remove(s, id);
	return seen;
}

static int end_killed(struct session *s, void *context)
{
	(void)s;
	(void)context;
	return kill(getpid(), SIGKILL);
}

static int end_by_itself(struct session *s, void *context)
{
	(void)s;
	(void)context;
	return 0;
}

struct births {
	int hook;
	pid_t parent;
	unsigned strange; /* what cannot return has done so, or another call made a task */
};

/* The end of the call that makes a task, for its maker and for the new task, of whose own ends it alone begins unseen. */
static bool is_birth(const struct pf_record *record, const void *context)
{
	struct births *b = (struct births *)(uintptr_t)context;
	const struct pf_event *event = (const void *)record;
	const struct session_of of = { .hook = b->hook };
	bool clone = event->view.number == SYS_clone, unseen = record->flags & PF_NO_CALL;

	if (!session_is_of(record, &of))
		return false;
	if (event->view.pid == (uint32_t)b->parent)
		return clone && !unseen;
	b->strange += event->view.number == SYS_exit_group || (unseen && !clone);
	return unseen;
}

/* Under `off` the beginnings are taken for ends. */
static bool try_ended(struct session *s, unsigned *seen)
{
	struct pf_hook all = hooks_all(s->defended ? PF_RETURN : PF_CALL);
	struct births b = { .parent = getpid() };

	strcpy(all.comm, "late-return");
	b.hook = session_add(s, &all);
	*seen = 0;
	for (int i = 0; i < CHILDREN; i++) {
		session_child(s, s->kit.honest ? end_killed : end_by_itself, NULL);
		session_await_freeing(s);
		*seen += session_count(s, is_birth, &b);
	}
	session_remove(s, b.hook);
	return *seen == CHILDREN * ENDS && !b.strange;
}

static void try(struct session *s, unsigned n)
{
	bool gated = kit_shape_is(&s->kit, "gated"), right;
	unsigned wanted = gated && s->kit.honest ? READS : 1, seen;

	if (gated) {
		seen = try_gated(s);
		right = seen == wanted;
	} else if (kit_shape_is(&s->kit, "ended")) {
		wanted = CHILDREN * ENDS;
		right = try_ended(s, &seen);
	} else {
		right = try_plain(s, &seen);
	}
	session_judged(n, right, wanted, seen);
}

int main(int argc, char **argv)
{
	struct pf_hook other = hooks_all(PF_CALL);
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	/* Kernels for arm tell of the end of a call only if somebody wanted to know of calls before. */
	other.number = SYS_getppid;
	if (kit_shape_is(&s.kit, "plain"))
		session_add(&s, &other);
	for (unsigned n = 1; n <= s.kit.trials; n++)
		try(&s, n);
	hooks_close(&s.hooks);
	return 0;
}
