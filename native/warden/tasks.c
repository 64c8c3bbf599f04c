// SPDX-License-Identifier: Apache-2.0
#include "tasks.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CAPACITY_FIRST 32u

struct process *tasks_find(const struct tasks *t, pid_t pid)
{
	const uint32_t *place = pidmap_find(&t->by_pid, pid);

	return place ? &t->at[*place] : NULL;
}

static int grow(struct tasks *t)
{
	unsigned capacity = t->capacity ? t->capacity * 2 : CAPACITY_FIRST;
	struct process *at = realloc(t->at, capacity * sizeof(*at));

	if (!at)
		return -ENOMEM;
	t->at = at;
	t->capacity = capacity;
	return 0;
}

static int append(struct tasks *t, const struct process *p)
{
	int err = t->count == t->capacity ? grow(t) : 0;

	if (!err)
		err = pidmap_set(&t->by_pid, p->pid, t->count);
	if (!err)
		t->at[t->count++] = *p;
	return err;
}

int tasks_add(struct tasks *t, pid_t pid, bool pidfd, struct process **out)
{
	struct process p = { .pid = pid, .pidfd = -1 };
	int err;

	if (tasks_find(t, pid))
		return -EEXIST;
	if (pidfd && (p.pidfd = (int)syscall(SYS_pidfd_open, pid, 0)) < 0)
		return -errno;
	err = append(t, &p);
	if (err) {
		if (p.pidfd >= 0)
			close(p.pidfd);
		return err;
	}
	*out = &t->at[t->count - 1];
	return 0;
}

void tasks_remove(struct tasks *t, struct process *p)
{
	struct process *last = &t->at[t->count - 1];

	tasks_set_vfork_parent(t, p, 0);
	if (p->pidfd >= 0)
		close(p->pidfd); /* that takes it out of the epoll set, too */
	pidmap_remove(&t->by_pid, p->pid);
	if (p != last) {
		*p = *last;
		*pidmap_find(&t->by_pid, p->pid) = (uint32_t)(p - t->at);
	}
	t->count--;
}

bool tasks_is_over(const struct process *p)
{
	struct pollfd poll_fd = { .fd = p->pidfd, .events = POLLIN };

	/* Without a pidfd only we can reap it, which takes it out of the index. */
	return p->pidfd >= 0 && poll(&poll_fd, 1, 0) == 1;
}

void tasks_set_vfork_parent(struct tasks *t, struct process *p, pid_t parent)
{
	const uint32_t *child = pidmap_find(&t->vfork_parents, p->vfork_parent);

	/* The thread may wait for its next child by now, before we heard of this one's end. */
	if (p->vfork_parent && child && (pid_t)*child == p->pid)
		pidmap_remove(&t->vfork_parents, p->vfork_parent);
	p->vfork_parent = 0;
	/* Without memory for it the parent is waited for, in vain: the exec is refused in time. */
	if (parent && pidmap_set(&t->vfork_parents, parent, (uint32_t)p->pid) == 0)
		p->vfork_parent = parent;
}

bool tasks_waits_in_vfork(const struct tasks *t, pid_t tid)
{
	return pidmap_find(&t->vfork_parents, tid);
}

void tasks_forget_vfork_parent(struct tasks *t, pid_t tid)
{
	const uint32_t *child = pidmap_find(&t->vfork_parents, tid);
	struct process *p = child ? tasks_find(t, (pid_t)*child) : NULL;

	if (p)
		tasks_set_vfork_parent(t, p, 0);
}

void tasks_kill_all(struct tasks *t)
{
	/* Who is dead already answers ESRCH, which is as good. */
	for (unsigned i = 0; i < t->count; i++) {
		if (t->at[i].pidfd >= 0)
			(void)syscall(SYS_pidfd_send_signal, t->at[i].pidfd, SIGKILL, NULL, 0);
		else
			(void)kill(t->at[i].pid, SIGKILL); /* not reaped: its number is its own */
	}
}
