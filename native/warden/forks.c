// SPDX-License-Identifier: Apache-2.0
#include "forks.h"

#include "proc.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/ptrace.h>

int forks_register(struct warden *w, pid_t pid, const char *how)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct process *p;
	pid_t ppid;
	int err = tasks_add(&w->tasks, pid, !w->tracees.lasting, &p, &ppid);

	if (err == -EEXIST || err == -ESRCH)
		return 0;
	if (err)
		return err;
	event.data.fd = p->pidfd;
	if (p->pidfd >= 0 && epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, p->pidfd, &event) < 0) {
		err = -errno;
		tasks_remove(&w->tasks, p);
		return err;
	}
	events_registered(&w->events, pid, ppid, how);
	return 0;
}

static void refuse(struct warden *w, const struct held *call, pid_t tgid, int error,
		   const char *reason)
{
	bool allow = w->config->allow_unjudged;

	events_unjudged(&w->events, tgid, allow, reason);
	if (allow)
		(void)w->backend->let(w, call); /* fails only if the task is gone */
	else
		(void)w->backend->refuse(w, call, error);
}

static unsigned forks_under_way(const struct warden *w)
{
	unsigned n = 0;

	for (unsigned i = 0; i < w->tracees.count; i++)
		n += w->tracees.at[i].forking || w->tracees.at[i].newborn;
	return n;
}

void forks_asked(struct warden *w, const struct held *call, pid_t tgid)
{
	struct tracee *t = NULL;
	int err;

	if (w->config->track != TRACK_FORK) {
		(void)w->backend->let(w, call);
		return;
	}
	if (w->tasks.count + forks_under_way(w) >= TASKS_MAX) {
		refuse(w, call, tgid, EAGAIN, "the process index is full");
		return;
	}
	/* No interrupt: copy_process() would give up with ERESTARTNOINTR. */
	err = tracee_seize(&w->tracees, call->tid, &t);
	if (err == -ESRCH)
		return; /* it is dead, and so is its call */
	if (err) {
		refuse(w, call, tgid, EPERM, "the caller of fork cannot be traced");
		return;
	}
	t->forking = true;
	if (w->backend->let(w, call))
		t->forking =
			false; /* died or, before 5.19, interrupted: a stop or death will tell */
}

static const char *how_of(int event)
{
	switch (event) {
	case PTRACE_EVENT_FORK:
		return "fork";
	case PTRACE_EVENT_VFORK:
		return "vfork";
	default:
		return "clone";
	}
}

/* Registers what a tracee made; a thread needs no entry. A child we have no room for must not run.
 */
static void take_in(struct warden *w, pid_t child, pid_t vfork_parent, const char *how)
{
	pid_t tgid = proc_tgid(child);
	struct process *p;

	if (w->config->track != TRACK_FORK || (tgid != child && tgid > 0))
		return;
	if (forks_register(w, child, how)) {
		events_unjudged(&w->events, child, false, "the child could not be registered");
		kill(child, SIGKILL);
		return;
	}
	p = tasks_find(&w->tasks, child);
	if (p && vfork_parent)
		p->vfork_parent = vfork_parent;
}

void forks_born(struct warden *w, pid_t parent, int event)
{
	struct tracee *child;
	unsigned long id;

	if (ptrace(PTRACE_GETEVENTMSG, parent, NULL, &id) < 0)
		return; /* killed under the stop: its death adopts the child */
	take_in(w, (pid_t)id, event == PTRACE_EVENT_VFORK ? parent : 0, how_of(event));
	child = tracee_find(&w->tracees, (pid_t)id);
	if (!child) { /* its first stop is yet to be reported */
		child = tracee_add(&w->tracees, (pid_t)id);
		if (!child)
			kill((pid_t)id, SIGKILL);
		return;
	}
	child->newborn = false;
	if (!w->freezing && child->stopped)
		tracee_release(&w->tracees, child);
}

void forks_adopt_newborns(struct warden *w)
{
	/* Backwards, as a release may put the last one in its place. */
	for (unsigned i = w->tracees.count; i-- > 0;) {
		struct tracee *t = &w->tracees.at[i];

		if (!t->newborn)
			continue;
		t->newborn = false;
		take_in(w, t->tid, 0, "fork");
		if (!w->freezing && t->stopped)
			tracee_release(&w->tracees, t);
	}
}

bool forks_has_newborns(const struct warden *w)
{
	for (unsigned i = 0; i < w->tracees.count; i++)
		if (w->tracees.at[i].newborn)
			return true;
	return false;
}
