// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  an event that a hook does not see, or sees twice, is a hole in whatever rests on it.
 * Steps:   a hook on one kind of event, then a known number of such events, each with a word of its own:
 *          calls by their argument, their ends by their result, forks by the child, ends of processes
 *          by their status, signals by their number and code. The ring is emptied often enough.
 * Success: a record is not the one that comes next, or not all of them came.
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
#define MASKS	  512

static const char *const shapes[] = { "call", "return", "fork", "exec", "exit", "signal", NULL };

static void nothing(int signal)
{
	(void)signal;
}

/* What is to come, in order; everything is numbered from 0. */
struct expected {
	struct session_of of;
	enum pf_kind kind;
	unsigned next, strange;
	pid_t child; /* the newest */
};

static uint32_t mask_of(unsigned n)
{
	return n % MASKS;
}

/* umask(2) takes any value and returns the one before. */
static void call(unsigned n)
{
	syscall(SYS_umask, mask_of(n));
}

/* By tgkill(2) and by kill(2), which have codes of their own. */
static void signal_ourselves(unsigned n)
{
	if (n % 2 ? raise(SIGUSR1) : kill(getpid(), SIGUSR2))
		kit_broken("signal");
}

static int exec_witness(struct session *s, void *context)
{
	char good[] = "GOOD";

	(void)context;
	kit_exec_witness(&s->kit, good, 0);
}

static int status_of(unsigned n)
{
	return (int)(n % 50) + 1;
}

static int end(struct session *s, void *context)
{
	const struct expected *e = context;

	(void)s;
	return status_of(e->next);
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

static bool comes_next(const struct expected *e, const struct pf_view *v)
{
	switch (e->kind) {
	case PF_CALL:
		return v->args[0] == mask_of(e->next);
	case PF_RETURN:
		return v->result == (int64_t)mask_of(e->next + MASKS - 1);
	case PF_FORK:
		return v->args[0] == (uint32_t)e->child;
	case PF_EXIT: /* the status as wait(2) has it; it leads its process */
		return v->args[0] == (uint32_t)status_of(e->next) << 8 && v->args[1] == 1;
	case PF_SIGNAL:
		return e->next % 2 ? v->args[0] == SIGUSR1 && (int)v->args[1] == SI_TKILL
				   : v->args[0] == SIGUSR2 && (int)v->args[1] == SI_USER;
	default:
		return true;
	}
}

static bool is_next(const struct pf_record *record, const void *context)
{
	struct expected *e = *(struct expected *const *)context;

	if (!session_is_of(record, &e->of))
		return false;
	if (comes_next(e, &((const struct pf_event *)record)->view))
		e->next++;
	else
		e->strange++;
	return true;
}

static bool is_of_processes(enum pf_kind kind)
{
	return kind == PF_EXEC || kind == PF_FORK || kind == PF_EXIT;
}

/* Each process is looked for when it is over. */
static void make_processes(struct session *s, struct expected *e)
{
	for (unsigned made = 0; made < PROCESSES; made++) {
		unsigned before = e->next;

		e->child = session_child(s, e->kind == PF_EXEC ? exec_witness : end, e);
		if (e->kind != PF_FORK)
			e->of.pid = e->child;
		session_count(s, is_next, &e);
		if (e->next != before + 1) /* twice, or not at all */
			e->strange++;
	}
}

static void make_calls(struct session *s, struct expected *e)
{
	for (unsigned n = 0; n < CALLS; n++) {
		if (e->kind == PF_SIGNAL)
			signal_ourselves(n);
		else
			call(n);
		if (n % BATCH == BATCH - 1)
			session_count(s, is_next, &e);
	}
}

static void try(struct session *s, enum pf_kind kind, unsigned n)
{
	struct expected e = { .of = { .pid = getpid() }, .kind = kind };
	unsigned wanted = is_of_processes(kind) ? PROCESSES : CALLS;
	struct pf_hook hook = hooks_all(kind);

	if (kind == PF_CALL || kind == PF_RETURN)
		hook.number = SYS_umask;
	/* Where nothing is recorded nothing can be seen: so is a hook that misses everything. */
	if (!s->defended && !s->kit.honest)
		hook.flags &= ~(uint32_t)PF_RECORD;
	call(MASKS - 1);
	e.of.hook = session_add(s, &hook);
	if (is_of_processes(kind))
		make_processes(s, &e);
	else
		make_calls(s, &e);
	session_remove(s, e.of.hook);
	session_judged(n, e.next == wanted && !e.strange, wanted, e.next);
}

int main(int argc, char **argv)
{
	struct session s;

	session_begin(&s, argc, argv, shapes, 256u << 10);
	if (signal(SIGUSR1, nothing) == SIG_ERR || signal(SIGUSR2, nothing) == SIG_ERR)
		kit_broken("signal");
	for (unsigned n = 1; n <= s.kit.trials; n++)
		try(&s, kind_of(&s), n);
	hooks_close(&s.hooks);
	return 0;
}
