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

	if (!known && t->count == TRACEES_MAX)
		return -ENOSPC;
	if (ptrace(PTRACE_SEIZE, tid, NULL, (void *)(long)OPTIONS) == 0) {
		if (known) /* that was an earlier task of this number */
			tracee_drop(t, known);
		*out = tracee_add(t, tid);
		return 0;
	}
	if (errno == ESRCH || proc_is_dead(tid))
		return -ESRCH;
	*out = known;
	return known && proc_tracer(tid) == getpid() ? 0 : -EPERM;
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

void tracee_release(struct tracees *t, struct tracee *one)
{
	/* ESRCH: killed under the stop. Its death is reported by wait, and needs no entry. */
	(void)ptrace(PTRACE_DETACH, one->tid, NULL, (void *)(long)one->signal);
	tracee_drop(t, one);
}
