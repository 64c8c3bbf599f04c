// SPDX-License-Identifier: Apache-2.0
#include "tracee.h"

#include "proc.h"

#include <errno.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <unistd.h>

/* EXITKILL: no one that we hold goes on without us. */
#define OPTIONS                                                                                    \
	(PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |     \
	 PTRACE_O_EXITKILL)
/* SYSGOOD tells the stop at the end of a refused call from a signal. */
#define LASTING_OPTIONS (OPTIONS | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD)

struct tracee *tracee_find(struct tracees *t, pid_t tid)
{
	for (unsigned i = 0; i < t->count; i++)
		if (t->at[i].tid == tid)
			return &t->at[i];
	return NULL;
}

struct tracee *tracee_add(struct tracees *t, pid_t tid)
{
	if (t->count == TRACEES_MAX)
		return NULL;
	t->at[t->count] = (struct tracee){ .tid = tid };
	return &t->at[t->count++];
}

void tracee_drop(struct tracees *t, struct tracee *one)
{
	*one = t->at[--t->count];
}

int tracee_seize(struct tracees *t, pid_t tid, struct tracee **out)
{
	struct tracee *known = tracee_find(t, tid);
	long options = t->lasting ? LASTING_OPTIONS : OPTIONS;

	if (known && t->lasting) { /* only we could reap it, and that would have dropped it */
		*out = known;
		return 0;
	}
	if (!known && t->count == TRACEES_MAX)
		return -ENOSPC;
	if (ptrace(PTRACE_SEIZE, tid, NULL, (void *)options) == 0) {
		if (known) /* that was an earlier task of this number */
			tracee_drop(t, known);
		*out = tracee_add(t, tid);
		return 0;
	}
	if (errno == ESRCH || proc_is_dead(tid))
		return -ESRCH;
	if (proc_tracer(tid) != getpid())
		return -EPERM;
	if (!known) { /* made by a tracee just now: neither has told yet */
		known = tracee_add(t, tid);
		known->newborn = true;
	}
	*out = known;
	return 0;
}

int tracee_interrupt(struct tracee *one)
{
	if (one->stopped || one->interrupted)
		return 0;
	if (ptrace(PTRACE_INTERRUPT, one->tid, NULL, NULL) < 0)
		return -errno;
	one->interrupted = true;
	return 0;
}

int tracee_resume(struct tracee *one)
{
	int request = one->group_stop ? PTRACE_LISTEN : one->refusal ? PTRACE_SYSCALL : PTRACE_CONT;
	long signal = one->group_stop ? 0 : one->signal;

	one->stopped = one->interrupted = one->group_stop = false;
	one->signal = 0;
	return ptrace(request, one->tid, NULL, (void *)signal) < 0 ? -errno : 0;
}

void tracee_release(struct tracees *t, struct tracee *one)
{
	if (t->lasting) {
		(void)tracee_resume(one);
		return;
	}
	/* ESRCH: killed under the stop. Its death is reported by wait, and needs no entry. */
	(void)ptrace(PTRACE_DETACH, one->tid, NULL, (void *)(long)one->signal);
	tracee_drop(t, one);
}
