// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  an event that a hook does not see, or sees twice, is a hole in whatever rests on it.
 * Steps:   a hook on one kind of event, then a known number of such events: calls, their ends, forks,
 *          execs, ends of processes, signals. The ring is emptied often enough.
 * Success: not as many records as events.
 * Source:  false negatives of hook drivers that nobody counts.
 */
#include "broken.h"
#include "session.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALLS	  10000
#define PROCESSES 20
#define BATCH	  500

static const char *const shapes[] = { "call", "return", "fork", "exec", "exit", "signal", NULL };

static void nothing(int signal)
{
	(void)signal;
}

static void call_some(void)
{
	for (int i = 0; i < BATCH; i++)
		syscall(SYS_getppid);
}

static void signal_some(void)
{
	for (int i = 0; i < BATCH; i++)
		raise(SIGUSR1);
}

static int exec_witness(struct session *s, void *context)
{
	char good[] = "GOOD";

	(void)context;
	kit_exec_witness(&s->kit, good, 0);
}

static int end(struct session *s, void *context)
{
	(void)s;
	(void)context;
	return 0;
}

static enum pf_kind kind_of(const struct session *s)
{
	static const enum pf_kind kinds[] = { PF_CALL, PF_RETURN, PF_FORK,
					      PF_EXEC, PF_EXIT,	  PF_SIGNAL };

	for (int i = 0; shapes[i]; i++)
		if (kit_shape_is(&s->kit, shapes[i]))
			return kinds[i];
	kit_broken("shape");
}

static unsigned make_events(struct session *s, enum pf_kind kind, const struct session_of *of)
{
	unsigned seen = 0, wanted = kind >= PF_EXEC && kind <= PF_EXIT ? PROCESSES : CALLS;

	for (unsigned made = 0; made < wanted; made += wanted == CALLS ? BATCH : 1) {
		if (kind == PF_SIGNAL)
			signal_some();
		else if (wanted == CALLS)
			call_some();
		else
			session_child(s, kind == PF_EXEC ? exec_witness : end, NULL);
		seen += session_count(s, session_is_of, of);
	}
	return seen;
}

static bool counts_children(enum pf_kind kind)
{
	return kind == PF_EXEC || kind == PF_EXIT;
}

int main(int argc, char **argv)
{
	struct session s;
	enum pf_kind kind;

	session_begin(&s, argc, argv, shapes, 256u << 10);
	if (signal(SIGUSR1, nothing) == SIG_ERR)
		kit_broken("signal");
	kind = kind_of(&s);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		struct pf_hook hook = hooks_all(kind);
		struct session_of of = { .pid = counts_children(kind) ? 0 : getpid() };
		unsigned seen;

		if (kind == PF_CALL || kind == PF_RETURN)
			hook.number = SYS_getppid;
		/* Where nothing is recorded nothing can be seen: so is a hook that misses everything. */
		if (!s.defended && !s.kit.honest)
			hook.flags &= ~(uint32_t)PF_RECORD;
		of.hook = session_add(&s, &hook);
		seen = make_events(&s, kind, &of);
		session_looked(n, kind >= PF_EXEC && kind <= PF_EXIT ? PROCESSES : CALLS, seen);
		session_remove(&s, of.hook);
	}
	hooks_close(&s.hooks);
	return 0;
}
