// SPDX-License-Identifier: Apache-2.0
#include "tasks.h"

#include "proc.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

struct process *tasks_find(struct tasks *t, pid_t pid)
{
	for (unsigned i = 0; i < t->count; i++)
		if (t->at[i].pid == pid)
			return &t->at[i];
	return NULL;
}

int tasks_add(struct tasks *t, pid_t pid, bool pidfd, struct process **out, pid_t *ppid)
{
	struct process *known = tasks_find(t, pid);
	struct proc_stat stat;
	int err, fd = -1;

	/* The pidfd first: the stat that is read then belongs to the process it holds, or to
	 * nobody. */
	if (pidfd && (fd = (int)syscall(SYS_pidfd_open, pid, 0)) < 0)
		return -errno;
	err = proc_stat(pid, &stat);
	if (!err && known && known->start == stat.start)
		err = -EEXIST;
	if (!err && t->count == TASKS_MAX)
		err = -ENOSPC;
	if (err) {
		if (fd >= 0)
			close(fd);
		return err;
	}
	*out = &t->at[t->count++];
	**out = (struct process){ .pid = pid, .start = stat.start, .pidfd = fd };
	*ppid = stat.ppid;
	return 0;
}

void tasks_remove(struct tasks *t, struct process *p)
{
	if (p->pidfd >= 0)
		close(p->pidfd); /* that takes it out of the epoll set, too */
	*p = t->at[--t->count];
}

bool tasks_is_current(const struct process *p)
{
	struct proc_stat stat;

	return proc_stat(p->pid, &stat) == 0 && stat.start == p->start;
}

bool tasks_waits_in_vfork(const struct tasks *t, pid_t tid)
{
	for (unsigned i = 0; i < t->count; i++)
		if (t->at[i].vfork_parent == tid)
			return true;
	return false;
}

void tasks_forget_vfork_parent(struct tasks *t, pid_t tid)
{
	for (unsigned i = 0; i < t->count; i++)
		if (t->at[i].vfork_parent == tid)
			t->at[i].vfork_parent = 0;
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
