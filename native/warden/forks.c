// SPDX-License-Identifier: Apache-2.0
#include "forks.h"

#include "arch/arch.h"
#include "freeze.h"
#include "jsonl.h"
#include "loop.h"
#include "proc.h"

#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/ptrace.h>

/* How long clones that do not say whether they failed are waited for, at the limit only. */
#define SETTLE_NS 2000000000u

void forks_forget(struct warden *w, struct process *p)
{
	events_exited(&w->events, p->pid);
	tasks_remove(&w->tasks, p);
}

int forks_register(struct warden *w, pid_t pid, pid_t ppid, const char *how)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = (uint64_t)pid };
	struct process *p = tasks_find(&w->tasks, pid);
	struct proc_stat stat = { .ppid = ppid };
	int err;

	if (p && tasks_is_over(p)) /* the number is another's by now */
		forks_forget(w, p);
	err = tasks_add(&w->tasks, pid, !w->tracees.lasting, &p);
	if (err == -EEXIST || err == -ESRCH)
		return 0;
	if (err)
		return err;
	if (!ppid) /* behind its pidfd: so it is of the process that this holds, or of nobody */
		err = proc_stat(pid, &stat);
	if (!err && p->pidfd >= 0 && epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, p->pidfd, &event) < 0)
		err = -errno;
	if (err) {
		tasks_remove(&w->tasks, p);
		return err == -ESRCH ? 0 : err;
	}
	events_registered(&w->events, pid, stat.ppid, how);
	return 0;
}

static unsigned under_way(const struct warden *w)
{
	return w->tracees.forking + w->tracees.newborns;
}

static bool has_room(const struct warden *w)
{
	return w->tasks.count + under_way(w) < w->max_processes;
}

/*
 * A clone that fails tells nobody, so it counts as under way until its task is heard of again. An
 * interrupt makes it heard of: who is in the call still leaves it, and will ask again.
 */
static void settle(struct warden *w)
{
	uint64_t deadline_ns = jsonl_now() + SETTLE_NS;

	for (unsigned i = 0; i < w->tracees.count; i++)
		if (w->tracees.at[i].forking)
			(void)tracee_interrupt(&w->tracees.at[i]); /* ESRCH: wait will tell */
	while (under_way(w) && loop_wait(w, deadline_ns) == 0)
		;
}

/* Whether one more process may be. Only at the limit is there anything to be done for the answer. */
static bool make_room(struct warden *w)
{
	if (has_room(w))
		return true;
	loop_take_exits(w);
	if (!has_room(w) && w->tasks.count < w->max_processes)
		settle(w);
	loop_take_exits(w);
	return has_room(w);
}

void forks_asked(struct warden *w, const struct held *call, pid_t tgid)
{
	struct tracee *t = tracee_find(&w->tracees, call->tid);
	int err;

	if (w->config->track != TRACK_FORK) {
		(void)w->backend->let(w, call);
		return;
	}
	if (t) /* it asks again, so its last call is over */
		tracee_set_forking(&w->tracees, t, false);
	if (!make_room(w)) {
		give_up(w, call, tgid, EAGAIN, "as many processes as --max-processes allows");
		return;
	}
	if (!w->backend->valid(w, call)) /* making room may have taken a while */
		return;
	/* No interrupt: copy_process() would give up with ERESTARTNOINTR. */
	err = tracee_seize(&w->tracees, call->tid, &t);
	if (err == -ESRCH && !w->backend->valid(w, call))
		return; /* it is dead, and so is its call */
	if (err) {
		give_up(w, call, tgid, EPERM, "the caller of fork cannot be traced");
		return;
	}
	tracee_set_forking(&w->tracees, t, true);
	t->for_parent =
		call->number == arch.clone && call->args[arch.clone_flags_arg] & CLONE_PARENT;
	/* Else it died or, before 5.19, was interrupted: a stop or its death will tell. */
	if (w->backend->let(w, call) && (t = tracee_find(&w->tracees, call->tid)))
		tracee_set_forking(&w->tracees, t, false);
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
static void take_in(struct warden *w, pid_t child, pid_t ppid, pid_t vfork_parent, const char *how)
{
	struct process *p;

	if (w->config->track != TRACK_FORK || !proc_leads(child))
		return;
	if (forks_register(w, child, ppid, how)) {
		events_unjudged(&w->events, child, false, "the child could not be registered");
		kill(child, SIGKILL);
		return;
	}
	p = tasks_find(&w->tasks, child);
	if (p && vfork_parent)
		tasks_set_vfork_parent(&w->tasks, p, vfork_parent);
}

/* The parent of what a task makes, where that can be told from what it asked for; else 0. */
static pid_t parent_of_made(const struct warden *w, pid_t maker)
{
	const struct tracee *t = tracee_find(&w->tracees, maker);

	return t && !t->for_parent && tasks_find(&w->tasks, maker) ? maker : 0;
}

/* Whether the kernel would still tell us of it: its number may be a zombie's that is its parent's alone by now. */
static bool is_ours(pid_t tid)
{
	siginfo_t unused;

	return waitid(P_PID, (id_t)tid, &unused, WEXITED | WSTOPPED | WNOHANG | WNOWAIT | __WALL) ==
		       0 ||
	       errno != ECHILD;
}

bool forks_born(struct warden *w, pid_t parent, int event)
{
	struct tracee *child;
	unsigned long id;

	if (ptrace(PTRACE_GETEVENTMSG, parent, NULL, &id) < 0)
		return false;	 /* killed under the stop: its death adopts the child */
	if (!is_ours((pid_t)id)) /* its death was heard of before, or it was adopted and let go */
		return true;
	take_in(w, (pid_t)id, parent_of_made(w, parent), event == PTRACE_EVENT_VFORK ? parent : 0,
		how_of(event));
	child = tracee_find(&w->tracees, (pid_t)id);
	if (!child) { /* its first stop is yet to be reported */
		child = tracee_add(&w->tracees, (pid_t)id);
		if (!child)
			kill((pid_t)id, SIGKILL);
		return true;
	}
	tracee_set_newborn(&w->tracees, child, false);
	if (!freeze_keeps(w, child) && child->stopped)
		tracee_release(&w->tracees, child);
	return true;
}

void forks_adopt_newborns(struct warden *w, uint64_t waited_ns)
{
	uint64_t now;

	if (!w->tracees.newborns)
		return;
	now = jsonl_now();
	/* Backwards, as a release may put the last one in its place. */
	for (unsigned i = w->tracees.count; i-- > 0;) {
		struct tracee *t = &w->tracees.at[i];

		if (!t->newborn || now - t->newborn_ns < waited_ns)
			continue;
		tracee_set_newborn(&w->tracees, t, false);
		take_in(w, t->tid, 0, 0, "fork");
		if (!freeze_keeps(w, t) && t->stopped)
			tracee_release(&w->tracees, t);
	}
}

bool forks_has_newborns(const struct warden *w)
{
	return w->tracees.newborns;
}
