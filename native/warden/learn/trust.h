/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the words of a call may be believed: where the kernel keeps no trace of an address, the
 * bytes that were there are all there is, and they count only if nobody else could write them.
 */
#ifndef PF_TRUST_H
#define PF_TRUST_H

#include "sockets.h"
#include "watched.h"

#include <limits.h>

enum trust_kind {
	TRUST_NOTHING,	/* no address of a kind that a profile has */
	TRUST_NOT,	/* somebody else may have written it */
	TRUST_ENDPOINT, /* of TCP or UDP; of a bind, of any protocol */
	TRUST_UNNAMED,	/* of a protocol that a profile has no name for */
	TRUST_PATH,	/* of a socket in a directory */
};

/* At the call: keeps the address it points to. Whether there is one. */
bool trust_begin(const struct watched_tasks *tasks, struct watched *t,
		 const struct call_form *form);
/* At its end, which came to `result`. */
enum trust_kind trust_address(const struct watched_tasks *tasks, const struct watched *t,
			      long result, char endpoint[ENDPOINT_MAX], char path[PATH_MAX]);
/* A task's call is about to be made. */
void trust_notice(struct watched_tasks *tasks, const struct watched *t);
/* Whether nobody but this one thread can change its memory or its descriptors. */
bool trust_alone(const struct watched_tasks *tasks, const struct watched *t);
/* Whether a task's names of files mean the same to us. */
bool trust_names(const struct watched_tasks *tasks, pid_t tid);
/* Whether a file is the memory of a process: by a link to it, and its path. */
bool trust_is_memory(const char *link, const char *path);
/* `event` is PTRACE_EVENT_FORK, _VFORK or _CLONE, of a parent that has just made the child. */
void trust_birth(struct watched_tasks *tasks, pid_t parent, pid_t child, int event);
/* A task is gone, maybe before its maker's stop. */
void trust_death(struct watched_tasks *tasks, const struct watched *t);
/* A task has executed something: its memory and its descriptors are its own. */
void trust_image(struct watched *t);

#endif
