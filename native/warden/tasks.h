/* SPDX-License-Identifier: Apache-2.0 */
/* The process index: who runs under the warden, keyed by pid. */
#ifndef PF_TASKS_H
#define PF_TASKS_H

#include "pidmap.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process {
	pid_t pid;
	int pidfd;	    /* readable once the process is dead; -1: wait(2) tells us */
	pid_t vfork_parent; /* the thread that waits in vfork(2) for this one to exec or exit; 0:
			       none */
};

struct tasks {
	unsigned count, capacity;
	struct process *at;	     /* without gaps, in no order */
	struct pidmap by_pid;	     /* to the place in at */
	struct pidmap vfork_parents; /* to the pid of the child that the thread waits for */
};

/* NULL when it is not there. The pointer is good until the next add or remove. */
struct process *tasks_find(const struct tasks *t, pid_t pid);
/*
 * 0, -ENOMEM, -ESRCH when it is gone, or -errno; -EEXIST when the number is in the index. The pidfd
 * says whose the number is; without one the process must be one that only we can reap: our tracee
 * or child.
 */
int tasks_add(struct tasks *t, pid_t pid, bool pidfd, struct process **out);
void tasks_remove(struct tasks *t, struct process *p);
/* Whether the entry's process is dead and gone but for its zombie: its number may be another's. */
bool tasks_is_over(const struct process *p);
void tasks_set_vfork_parent(struct tasks *t, struct process *p, pid_t parent);
/* Whether a thread waits in vfork(2) for a child that has neither execed nor exited. */
bool tasks_waits_in_vfork(const struct tasks *t, pid_t tid);
/* The thread is dead, or its child has execed. */
void tasks_forget_vfork_parent(struct tasks *t, pid_t tid);
void tasks_kill_all(struct tasks *t);

#endif
