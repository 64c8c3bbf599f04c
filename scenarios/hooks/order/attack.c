// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  two hooks on one call, each right by itself, come to something else together.
 * Steps:   one makes a write of nine bytes one of six, another makes one of six bytes one of three;
 *          both are there, the second added first, in one session or in two; or their priorities are
 *          equal, and the second is added second. Or one gives a failing
 *          close(2) a value, and another makes an error of that. Or one has the write fail, and others are
 *          to rewrite it, to have it fail otherwise, or to be told of its end.
 * Success: not three bytes are written; or a session is told of another one's hook; or the caller gets
 *          another result; or those behind do not see what the first one did, or say they did something.
 * Source:  hooks that all look at the call as it was at first, or run in the order they were added.
 */
#include "broken.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FIRST  (-5)
#define SECOND 5
#define VALUE  273

static const char *const shapes[] = { "plain", "sessions", "equals", "results", "skipped", NULL };

/* Who comes second; without what the claim rests on it comes before the first. */
static int second(const struct session *s)
{
	if (kit_shape_is(&s->kit, "equals"))
		return FIRST;
	return s->defended ? SECOND : FIRST - SECOND;
}

/* On a call or its end, where that 64-bit field has this value. */
static struct pf_hook where(struct sock_filter *program, enum pf_kind kind, int number,
			    unsigned field, uint64_t value)
{
	struct pf_hook hook = hooks_all(kind);

	hook.number = number;
	hook.parameters[2] = (struct pf_parameter){ 2, sizeof(long), 0, 0 };
	strcpy(hook.comm, "order");
	session_equals(program, field, value);
	session_give(&hook, program, SESSION_EQUALS_LENGTH);
	return hook;
}

/* --- arguments ---------------------------------------------------------------------------------------- */

static struct pf_hook turns(struct sock_filter *program, uint64_t from, int64_t to, int priority)
{
	struct pf_hook hook =
		where(program, PF_CALL, SYS_write, offsetof(struct pf_view, args[2]), from);

	hook.priority = priority;
	hook.deed = PF_DO_SET_ARGUMENT;
	hook.index = 2;
	hook.value = to;
	return hook;
}

static long write_bytes(const struct session *s)
{
	static int fd = -1;

	if (fd < 0)
		fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		kit_broken("/dev/null");
	return write(fd, "ninebytes", s->kit.honest ? 5 : 9);
}

/* What a session is told of: its own hook, and how many bytes that saw. */
struct told {
	struct session_of of;
	uint64_t bytes;
	unsigned others;
};

static bool is_told(const struct pf_record *record, const void *context)
{
	struct told *t = (struct told *)(uintptr_t)context;
	const struct pf_event *event = (const void *)record;
	bool is = session_is_of(record, &t->of) && event->view.args[2] == t->bytes;

	t->others += !is;
	return is;
}

static unsigned take(struct session *s, struct told *t)
{
	unsigned seen = session_count(s, is_told, t);

	return t->others ? 0 : seen;
}

/* The second hook is of the session `t`, which may be the same one. */
static void try_arguments(struct session *s, struct session *t, unsigned n)
{
	struct sock_filter six[SESSION_EQUALS_LENGTH], three[SESSION_EQUALS_LENGTH];
	struct pf_hook first = turns(six, 9, 6, FIRST), then = turns(three, 6, 3, second(s));
	struct told of_first = { .of.pid = getpid(), .bytes = 9 };
	struct told of_then = { .of.pid = getpid(), .bytes = 6 };
	unsigned wanted = s->kit.honest ? 0 : 1, seen, seen_then = wanted;
	long both, alone;

	if (kit_shape_is(&s->kit, "equals") && s->defended) {
		of_first.of.hook = session_add(s, &first);
		of_then.of.hook = session_add(t, &then);
	} else {
		of_then.of.hook = session_add(t, &then);
		of_first.of.hook = session_add(s, &first);
	}
	both = write_bytes(s);
	if (s != t)
		seen_then = take(t, &of_then);
	session_remove(t, of_then.of.hook);
	alone = write_bytes(s); /* what the other's end leaves */
	session_remove(s, of_first.of.hook);
	if (s == t)
		seen = session_count(s, session_is_of, &of_first.of) / 2;
	else
		seen = take(s, &of_first) / 2;
	session_judged(n,
		       seen == wanted && seen_then == wanted && both == (s->kit.honest ? 5 : 3) &&
			       alone == (s->kit.honest ? 5 : 6),
		       wanted, seen);
}

static void try_sessions(struct session *s, unsigned n)
{
	struct session t = { .kit = s->kit, .defended = s->defended };

	errno = -hooks_open(&t.hooks, PF_RING_LEAST);
	if (errno)
		kit_broken("/dev/photofinish");
	try_arguments(s, &t, n);
	hooks_close(&t.hooks);
}

/* --- results ------------------------------------------------------------------------------------------ */

static struct pf_hook answers(struct sock_filter *program, int64_t from, int64_t to, int priority)
{
	struct pf_hook hook = where(program, PF_RETURN, SYS_close, offsetof(struct pf_view, result),
				    (uint64_t)from);

	hook.priority = priority;
	hook.deed = PF_DO_SET_RESULT;
	hook.value = to;
	return hook;
}

static void try_results(struct session *s, unsigned n)
{
	struct sock_filter bad[SESSION_EQUALS_LENGTH], value[SESSION_EQUALS_LENGTH];
	struct pf_hook first = answers(bad, -EBADF, VALUE, FIRST);
	struct pf_hook then = answers(value, VALUE, -ENOTUNIQ, second(s));
	struct session_of of_first = { .pid = getpid() }, of_then = { .pid = getpid() };
	int fd = s->kit.honest ? dup(STDERR_FILENO) : -1, err;
	unsigned wanted = s->kit.honest ? 0 : 1, seen, seen_then;
	long got;

	of_then.hook = session_add(s, &then);
	of_first.hook = session_add(s, &first);
	got = syscall(SYS_close, fd);
	err = errno;
	session_remove(s, of_then.hook);
	session_remove(s, of_first.hook);
	seen = session_count_both(s, &of_first, &of_then, &seen_then);
	session_judged(n,
		       seen == wanted && seen_then == wanted &&
			       (s->kit.honest ? got == 0 : got == -1 && err == ENOTUNIQ),
		       wanted, seen);
}

/* --- what is skipped ---------------------------------------------------------------------------------- */

enum { FAILS, REWRITES, FAILS_AGAIN, ENDS, HOOKS };

struct chain {
	struct session_of of[HOOKS];
	unsigned right[HOOKS];
};

/* Each is told of the call as its caller made it, and those behind the first one that it is not made. */
static bool is_right(const struct pf_record *record, const void *context)
{
	struct chain *c = (struct chain *)(uintptr_t)context;
	const struct pf_event *event = (const void *)record;

	for (unsigned i = 0; i < HOOKS; i++) {
		if (!session_is_of(record, &c->of[i]) || event->view.args[2] != 9 ||
		    record->flags != (i == FAILS ? 0 : PF_SKIPPED) ||
		    (i == ENDS && event->view.result != -EXDEV))
			continue;
		c->right[i]++;
		return true;
	}
	return false;
}

static void add_chain(struct session *s, struct chain *c,
		      struct sock_filter programs[HOOKS][SESSION_EQUALS_LENGTH])
{
	for (unsigned i = 0; i < HOOKS; i++) {
		struct pf_hook hook = where(programs[i], i == ENDS ? PF_RETURN : PF_CALL, SYS_write,
					    offsetof(struct pf_view, args[2]), 9);

		if (i == REWRITES) {
			hook.deed = PF_DO_SET_ARGUMENT;
			hook.index = 2;
			hook.value = 6;
		} else if (i != ENDS) {
			hook.deed = PF_DO_FAIL;
			hook.value = i == FAILS ? EXDEV : EPERM;
		}
		hook.priority = i == FAILS ? FIRST : second(s) + (int)i;
		c->of[i] = (struct session_of){ session_add(s, &hook), getpid() };
	}
}

static void try_skipped(struct session *s, unsigned n)
{
	struct sock_filter programs[HOOKS][SESSION_EQUALS_LENGTH];
	unsigned wanted = s->kit.honest ? 0 : HOOKS, seen;
	struct chain c = {};
	bool right;
	long got;
	int err;

	add_chain(s, &c, programs);
	got = write_bytes(s);
	err = errno;
	right = s->kit.honest ? got == 5 : got == -1 && err == EXDEV;
	for (unsigned i = 0; i < HOOKS; i++) {
		struct pf_counts counts = session_counts(s, c.of[i].hook);
		bool does = i == FAILS, does_not = i == REWRITES || i == FAILS_AGAIN;

		right = right && counts.done == (does && !s->kit.honest) &&
			counts.failed == (does_not && !s->kit.honest);
		session_remove(s, c.of[i].hook);
	}
	seen = session_count(s, is_right, &c);
	for (unsigned i = 0; i < HOOKS; i++)
		right = right && c.right[i] == !s->kit.honest;
	session_judged(n, right, wanted, seen);
}

int main(int argc, char **argv)
{
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		if (kit_shape_is(&s.kit, "plain") || kit_shape_is(&s.kit, "equals"))
			try_arguments(&s, &s, n);
		else if (kit_shape_is(&s.kit, "sessions"))
			try_sessions(&s, n);
		else if (kit_shape_is(&s.kit, "results"))
			try_results(&s, n);
		else
			try_skipped(&s, n);
	}
	hooks_close(&s.hooks);
	return 0;
}
