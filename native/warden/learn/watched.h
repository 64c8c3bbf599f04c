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

/* struct sockaddr_storage */
#define ADDRESS_BYTES 128

/* Bytes that a call's pointer led to when it began. */
struct words {
	uint64_t address;
	uint32_t size; /* 0: there are none */
	bool alone;    /* nobody else could have written them */
	unsigned char bytes[ADDRESS_BYTES];
};

struct watched {
	pid_t tid, tgid;
	bool born;   /* it runs what it was told to, not our own preparations */
	bool shares; /* its memory is another process's as well */
	int refusal; /* errno to be set when it leaves the call that it was refused; 0: none */
	const struct call_form *form; /* of the call whose end is to be seen; NULL: none */
	int number;		      /* of its last call */
	uint64_t args[6];
	struct change change[2];
	struct words words;
};

struct watched_tasks {
	unsigned count, capacity;
	struct watched *at;    /* without gaps, in no order; moves when it grows */
	struct pidmap by_tid;  /* to the place in at */
	struct pidmap threads; /* of a process, by tgid: how many */
	unsigned processes;
	bool meddled; /* somebody wrote another's memory, or may have */
	bool roams;   /* somebody has another root or other mounts than we, or may have */
};

/* The pointer is good until the next add or drop. */
struct watched *watched_find(const struct watched_tasks *tasks, pid_t tid);
/* NULL when there is no memory. */
struct watched *watched_add(struct watched_tasks *tasks, pid_t tid, pid_t tgid);
void watched_drop(struct watched_tasks *tasks, struct watched *one);
/* Its call is over, or was never one that is to be seen. */
void watched_forget(struct watched *one);
void watched_kill_all(const struct watched_tasks *tasks);
void watched_free(struct watched_tasks *tasks);

#endif
