/* SPDX-License-Identifier: Apache-2.0 */
/* Who is observed: every thread, from its first stop to its death. */
#ifndef PF_WATCHED_H
#define PF_WATCHED_H

#include "../pidmap.h"
#include "../profile/calls.h"
#include "change.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/* struct sockaddr_storage */
#define ADDRESS_BYTES 128

/* Bytes that a call's pointer led to when it began. */
struct words {
	uint64_t address;
	uint32_t size; /* 0: there are none */
	bool alone;    /* nobody else could have written them */
	unsigned char bytes[ADDRESS_BYTES];
};

/* Numbers of descriptors that a call is about to give up or to replace, first and last. */
struct closing {
	bool some;
	uint32_t first, last;
};

struct watched {
	pid_t tid, tgid;
	bool born;    /* it runs what it was told to, not our own preparations */
	bool shares;  /* its memory or its descriptors are another process's as well, or may be */
	bool borrows; /* they are those of who made it, who waits until it executes something */
	bool settled; /* all that is known; a newborn may run before its maker's stop has told it */
	bool lends;   /* it had somebody in them before that */
	int refusal;  /* errno to be set when it leaves the call that it was refused; 0: none */
	const struct call_form *form; /* of the call whose end is to be seen; NULL: none */
	int number;		      /* of its last call */
	uint64_t args[6];
	struct change change[2];
	struct words words;
	struct closing closing;
	bool replaced; /* another may have put another file under the call's descriptor */
	/* Of a call that uses a name: */
	bool quiet;	/* nobody else was changing names when it began */
	uint64_t names; /* the count of those who had, then */
	/* Of an exec: */
	bool single; /* it was its process's only thread */
	time_t began;
};

struct watched_tasks {
	unsigned count, capacity;
	struct watched *at;    /* without gaps, in no order; moves when it grows */
	struct pidmap by_tid;  /* to the place in at */
	struct pidmap threads; /* of a process, by tgid: how many */
	unsigned processes;
	uint64_t names; /* calls that make, move or remove names, as often as they began */
	bool meddled; /* somebody wrote another's memory or led its names elsewhere, or may have */
	bool planted; /* somebody put a file into another's descriptors, or may have */
	bool roams;   /* somebody has another root or other mounts than we, or may have */
};

/* The pointer is good until the next add or drop. */
struct watched *watched_find(const struct watched_tasks *tasks, pid_t tid);
/* NULL when there is no memory. */
struct watched *watched_add(struct watched_tasks *tasks, pid_t tid, pid_t tgid);
void watched_drop(struct watched_tasks *tasks, struct watched *one);
/* Whether the end of its call is to be seen. */
static inline bool watched_awaits_end(const struct watched *one)
{
	return one->form || one->refusal || one->closing.some;
}

/* Its call is over, or was never one that is to be seen. */
void watched_forget(struct watched *one);
void watched_kill_all(const struct watched_tasks *tasks);
void watched_free(struct watched_tasks *tasks);

#endif
