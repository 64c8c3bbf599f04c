// SPDX-License-Identifier: Apache-2.0
#include "tracee.h"

#include "jsonl.h"
#include "proc.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <unistd.h>

/* EXITKILL: no one that we hold goes on without us. */
#define OPTIONS                                                                                    \
	(PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |     \
	 PTRACE_O_EXITKILL)
/* SYSGOOD tells the stop at the end of a refused call from a signal. */
#define LASTING_OPTIONS (OPTIONS | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD)

#define CAPACITY_FIRST 32u

struct tracee *tracee_find(const struct tracees *t, pid_t tid)
{
	const uint32_t *place = pidmap_find(&t->by_tid, tid);

	return place ? &t->at[*place] : NULL;
}

static int grow(struct tracees *t)
{
	unsigned capacity = t->capacity ? t->capacity * 2 : CAPACITY_FIRST;
	struct tracee *at = realloc(t->at, capacity * sizeof(*at));

	if (!at)
		return -ENOMEM;
	t->at = at;
	t->capacity = capacity;
	return 0;
}

struct tracee *tracee_add(struct tracees *t, pid_t tid)
{
	if (t->count == TRACEES_MAX || (t->count == t->capacity && grow(t)) ||
	    pidmap_set(&t->by_tid, tid, t->count))
		return NULL;
	t->at[t->count] = (struct tracee){ .tid = tid };
	return &t->at[t->count++];
}

static int grow_queue(struct asking *q)
{
	struct asking next = { .size = q->size ? q->size * 2 : CAPACITY_FIRST };

	next.at = calloc(next.size, sizeof(*next.at));
	if (!next.at)
		return -ENOMEM;
	while (q->first != q->end)
		next.at[next.end++] = q->at[q->first++ & (q->size - 1)];
	free(q->at);
	*q = next;
	return 0;
}

int tracee_asks(struct tracees *t, struct tracee *one)
{
	struct asking *q = &t->asking;

	if (q->end - q->first == q->size && grow_queue(q))
		return -ENOMEM;
	one->asked = ++t->serial;
	q->at[q->end++ & (q->size - 1)] = (struct question){ one->asked, one->tid };
	return 0;
}

void tracee_set_newborn(struct tracees *t, struct tracee *one, bool newborn)
{
	t->newborns += (unsigned)newborn - (unsigned)one->newborn;
	if (newborn && !one->newborn)
		one->newborn_ns = jsonl_now();
	one->newborn = newborn;
}

void tracee_set_forking(struct tracees *t, struct tracee *one, bool forking)
{
	t->forking += (unsigned)forking - (unsigned)one->forking;
	one->forking = forking;
}

void tracee_drop(struct tracees *t, struct tracee *one)
{
	struct tracee *last = &t->at[t->count - 1];

	tracee_set_newborn(t, one, false);
	tracee_set_forking(t, one, false);
	pidmap_remove(&t->by_tid, one->tid);
	if (one != last) {
		*one = *last;
		*pidmap_find(&t->by_tid, one->tid) = (uint32_t)(one - t->at);
	}
	t->count--;
}

/* Traced by us, and we have no room to know it: it must not go on. */
static int lose(pid_t tid)
{
	kill(tid, SIGKILL); /* our tracee, so not reaped: the number is its own */
	return -ENOSPC;
}

int tracee_seize(struct tracees *t, pid_t tid, struct tracee **out)
{
	struct tracee *known = tracee_find(t, tid);
	long options = t->lasting ? LASTING_OPTIONS : OPTIONS;

	if (known && t->lasting) { /* only we could reap it, and that would have dropped it */
		*out = known;
		return 0;
	}
	if (ptrace(PTRACE_SEIZE, tid, NULL, (void *)options) == 0) {
		if (known) /* that was an earlier task of this number */
			tracee_drop(t, known);
		*out = tracee_add(t, tid);
		return *out ? 0 : lose(tid);
	}
	if (errno == ESRCH || proc_is_dead(tid))
		return -ESRCH;
	if (proc_tracer(tid) != getpid())
		return -EPERM;
	if (!known) {
		/*
		 * Made by a tracee just now: neither has told yet, and its first stop is on its way. A
		 * child of ours that has asked for its parent to trace it (PTRACE_TRACEME) is not
		 * seized: it tells of no fork, and goes through an exec without a stop.
		 */
		if (ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) < 0 && errno == EIO)
			return -EPERM;
		known = tracee_add(t, tid);
		if (!known)
			return lose(tid);
		tracee_set_newborn(t, known, true);
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
	int request = one->group_stop		     ? PTRACE_LISTEN
		      : one->refusal || one->watched ? PTRACE_SYSCALL
						     : PTRACE_CONT;
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
