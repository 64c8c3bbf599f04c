/* SPDX-License-Identifier: Apache-2.0 */
/* The process index: who runs under the warden, keyed by pid and start time. */
#ifndef PF_TASKS_H
#define PF_TASKS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define TASKS_MAX 4096u

struct process {
	pid_t pid;
	uint64_t start;
	int pidfd;	    /* readable once the process is dead; -1: wait(2) tells us */
	pid_t vfork_parent; /* the thread that waits in vfork(2) for this one to exec or exit; 0:
			       none */
};

struct tasks {
	unsigned count;
	struct process at[TASKS_MAX];
};

/* NULL when it is not there. The pointer is good until the next add or remove. */
struct process *tasks_find(struct tasks *t, pid_t pid);
/*
 * 0, -ENOSPC, -ESRCH when it is gone, or -errno; -EEXIST when this very process is there already.
 * Without a pidfd the process must be one that only we can reap: our tracee or child.
 */
int tasks_add(struct tasks *t, pid_t pid, bool pidfd, struct process **out, pid_t *ppid);
void tasks_remove(struct tasks *t, struct process *p);
/* Whether the entry's process is the one that has this pid now. */
bool tasks_is_current(const struct process *p);
/* Whether a thread waits in vfork(2) for a child that has neither execed nor exited. */
bool tasks_waits_in_vfork(const struct tasks *t, pid_t tid);
/* The thread is dead, or its child has execed. */
void tasks_forget_vfork_parent(struct tasks *t, pid_t tid);
void tasks_kill_all(struct tasks *t);

#endif
