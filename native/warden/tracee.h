/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The threads that we trace: under backend notify only from a seize to the next stop, under backend
 * trace for life.
 */
#ifndef PF_TRACEE_H
#define PF_TRACEE_H

#include "pidmap.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Threads at once, over all processes. */
#define TRACEES_MAX (1u << 17)

struct tracee {
	pid_t tid;
	bool stopped;
	bool interrupted; /* a stop was asked for: it will not get back to user code without one */
	/* Both are counted, so they are set by tracee_set_… only: */
	bool newborn; /* stopped before its first instruction; its parent's event is yet to come */
	bool forking; /* let into a fork-class call */
	bool for_parent;     /* what it makes there is to be its parent's child (CLONE_PARENT) */
	bool group_stop;     /* it stopped because its group did: only SIGCONT makes it run */
	int signal;	     /* to be delivered when it goes on */
	uint64_t newborn_ns; /* since when it is newborn, of CLOCK_MONOTONIC */
	/* Backend trace: */
	uint64_t asked; /* serial number of the call that waits for its answer; 0: none */
	bool watched;	/* let into a call whose end we want to see */
	int refusal;	/* errno to be set when it leaves the call that it was refused; 0: none */
	unsigned called_off; /* how often in a row its call was (deep/later.h) */
};

/* Calls that nobody has looked at yet, in their order; some may be gone meanwhile. */
struct asking {
	uint32_t first, end, size; /* size: 0 or a power of two */
	struct question {
		uint64_t serial;
		pid_t tid;
	} * at;
};

struct tracees {
	bool lasting; /* traced for life */
	uint64_t serial;
	struct asking asking;
	unsigned newborns, forking;
	unsigned count, capacity;
	struct tracee *at;    /* without gaps, in no order; moves when it grows */
	struct pidmap by_tid; /* to the place in at */
};

/* The pointer is good until the next add or drop. */
struct tracee *tracee_find(const struct tracees *t, pid_t tid);
/* NULL when the table is full. */
struct tracee *tracee_add(struct tracees *t, pid_t tid);
void tracee_drop(struct tracees *t, struct tracee *one);
/* The stopped task asks about a call; it has to wait until it is told. 0 or -ENOMEM. */
int tracee_asks(struct tracees *t, struct tracee *one);
void tracee_set_newborn(struct tracees *t, struct tracee *one, bool newborn);
void tracee_set_forking(struct tracees *t, struct tracee *one, bool forking);
/*
 * Seizes with all options we ever need, since they cannot be changed while it runs. A task that is
 * ours already is fine. 0, -ESRCH when it is dead, -EPERM when tracing is denied, -ENOSPC.
 */
int tracee_seize(struct tracees *t, pid_t tid, struct tracee **out);
int tracee_interrupt(struct tracee *one);
/* Lets a stopped task go on, traced. 0, or -ESRCH when it was killed in its stop. */
int tracee_resume(struct tracee *one);
/* Lets a stopped task go on; unless tracing lasts it is untraced and its entry gone afterwards. */
void tracee_release(struct tracees *t, struct tracee *one);

#endif
