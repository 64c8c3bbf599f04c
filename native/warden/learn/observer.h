/* SPDX-License-Identifier: Apache-2.0 */
/* Between the loop that takes stops (observe.c) and what is made of them (said.c, image_seen.c). */
#ifndef PF_OBSERVER_H
#define PF_OBSERVER_H

#include "seen.h"
#include "watched.h"

/* Descriptors have no more numbers than this: NR_OPEN_DEFAULT of fs/file.c is far below. */
#define CALLS_KNOWN 8192u

struct observer {
	struct seen *seen;
	struct watched_tasks tasks;
	uint64_t counts[CALLS_KNOWN]; /* of calls that are no more than a number, by it */
	bool speaks, asks; /* somebody is connected by TCP; somebody has asked a server of names */
};

void observer_put(struct observer *o, struct bag *bag, const char *key, uint32_t flags);

/* A file that t has to do with, by its path as the kernel has it. */
void observer_put_file(struct observer *o, const struct watched *t, const char *path,
		       uint32_t flags);

/* A call stands at the filter. 0, or the errno that it is to be refused with. */
int said_begin(struct observer *o, struct watched *t);
/* It is over. */
void said_end(struct observer *o, struct watched *t);
/* All calls that were counted by number go where the others are. */
void said_all(struct observer *o);

/* The new image, before its first instruction: nobody else has its memory yet. */
void image_seen(struct observer *o, struct watched *t);
/* A thread is about to be gone, and still has all that it had. */
void image_last_seen(struct observer *o, pid_t tid);

#endif
