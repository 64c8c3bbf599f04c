/* SPDX-License-Identifier: Apache-2.0 */
/* The threads that we trace just now; tracing is always short, from a seize to the next stop. */
#ifndef PF_TRACEE_H
#define PF_TRACEE_H

#include <stdbool.h>
#include <sys/types.h>

#define TRACEES_MAX 8192u

struct tracee {
	pid_t tid;
	bool stopped;
	bool interrupted; /* a stop was asked for: it will not get back to user code without one */
	bool newborn; /* stopped before its first instruction; its parent's event is yet to come */
	bool forking; /* let into a fork-class call */
	int signal;   /* to be delivered when it goes on */
};

struct tracees {
	unsigned count;
	struct tracee at[TRACEES_MAX];
};

struct tracee *tracee_find(struct tracees *t, pid_t tid);
/* NULL when the table is full. */
struct tracee *tracee_add(struct tracees *t, pid_t tid);
void tracee_drop(struct tracees *t, struct tracee *one);
/*
 * Seizes with all options we ever need, since they cannot be changed while it runs. A task that is
 * ours already is fine. 0, -ESRCH when it is dead, -EPERM when tracing is denied, -ENOSPC.
 */
int tracee_seize(struct tracees *t, pid_t tid, struct tracee **out);
int tracee_interrupt(struct tracee *one);
/* Lets a stopped task go on untraced; the entry is gone afterwards. */
void tracee_release(struct tracees *t, struct tracee *one);

#endif
