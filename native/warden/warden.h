/* SPDX-License-Identifier: Apache-2.0 */
/* The state of one run. One thread, so nothing here is locked. */
#ifndef PF_WARDEN_H
#define PF_WARDEN_H

#include "backend.h"
#include "events.h"
#include "listener.h"
#include "options.h"
#include "policy.h"
#include "tasks.h"
#include "tracee.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* In the data of an epoll event: the rest is an fd of our own; else it is a process's pid. */
#define EVENT_IS_FD (1ull << 32)

enum exec_state {
	EXEC_NONE,     /* no approved exec is under way */
	EXEC_PENDING,  /* answered, neither done nor failed */
	EXEC_DONE,     /* stopped in the new image, before its first instruction */
	EXEC_RETURNED, /* stopped on the way back to the old image: it failed */
	EXEC_DIED,
};

/* The approved exec that is being watched; at most one, as everybody else is frozen. */
struct exec_watch {
	enum exec_state state;
	pid_t tid, tgid;
};

struct warden {
	const struct config *config;
	const struct policy *policy;
	const struct backend *backend;
	struct events events;
	struct listener listener; /* of backend notify */
	int calls_fd;		  /* readable when calls wait; -1: nothing to be read just now */
	bool asking_is_held;	  /* a task that asks runs no user code before it is answered */
	unsigned max_processes;
	struct tasks tasks;
	struct tracees tracees;
	struct exec_watch exec;
	bool freezing; /* whoever stops stays stopped */
	int epoll_fd, signal_fd;
	pid_t root;
	pid_t keeper; /* 0: none, or it was ended */
	bool root_gone;
	int root_status; /* as wait(2) gives it */
	bool news_left;	 /* wait(2) has more to tell: nobody may sleep until it is heard */
	int end_signal;	 /* that the warden itself was asked to end by; 0: none */
	int error;	 /* why the run cannot go on, -errno; 0: it can */
};

/*
 * Whether what was read under the caller's number, with this outcome, was the caller's. Who is
 * traced for life keeps its number until we reap it, so where something was read there is nothing
 * to ask.
 */
static inline bool warden_read_its(struct warden *w, const struct held *call, int err)
{
	return (!err && w->tracees.lasting) || w->backend->valid(w, call);
}

#endif
