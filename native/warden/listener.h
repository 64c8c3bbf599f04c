/* SPDX-License-Identifier: Apache-2.0 */
/* The notification fd: calls that wait for an answer, received early and held in a queue. */
#ifndef PF_LISTENER_H
#define PF_LISTENER_H

#include "backend.h"

#define LISTENER_QUEUE 1024u

struct listener {
	int fd;
	/*
	 * A received call waits killably (SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, 5.19): until it
	 * is answered its task runs no user code, so it is as good as frozen.
	 */
	bool killable;
	bool hung_up; /* no task has the filter any more */
	unsigned head, count;
	struct held queue[LISTENER_QUEUE];
};

/* 0, or -ENOTSUP when the kernel's structures are larger than ours may be. */
int listener_init(struct listener *l, int fd, bool killable);
/* Receives one call that is pending for certain, or else waits for one. 0 or -errno. */
int listener_take(struct listener *l);
/* Receives what is pending, as far as the queue has room. 0 or -errno. */
int listener_drain(struct listener *l);
/* Whether it is worth waiting for more calls. */
bool listener_has_room(const struct listener *l);
bool listener_pop(struct listener *l, struct held *out);
/* Whether a live call of this task is in the queue. */
bool listener_holds(struct listener *l, pid_t tid);
bool listener_valid(struct listener *l, uint64_t id);
/* Both return 0, -ENOENT when the call is gone, or -errno. */
int listener_continue(struct listener *l, uint64_t id);
int listener_refuse(struct listener *l, uint64_t id, int error);

#endif
