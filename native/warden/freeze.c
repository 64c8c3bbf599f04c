// SPDX-License-Identifier: Apache-2.0
#include "freeze.h"

#include "forks.h"
#include "loop.h"
#include "proc.h"

#include <errno.h>
#include <stdio.h>

struct pass {
	struct warden *w;
	pid_t caller;
	unsigned running; /* found not to be stopped */
};

/* It cannot run user code before we let it: an answer or a stop comes first. */
static bool is_held(struct warden *w, pid_t tid)
{
	return w->asking_is_held && w->backend->asks(w, tid);
}

/*
 * Waiting in vfork(2) it sleeps killably, out of an interrupt's reach, but the interrupt that it
 * was sent catches it before its next instruction. State D tells that it is in that sleep indeed.
 */
static bool is_in_vfork(struct warden *w, const struct tracee *t)
{
	struct proc_stat stat;

	return t->interrupted && tasks_waits_in_vfork(&w->tasks, t->tid) &&
	       proc_stat(t->tid, &stat) == 0 && stat.state == 'D';
}

static int stop_thread(void *context, pid_t tid)
{
	struct pass *pass = context;
	struct warden *w = pass->w;
	struct tracee *t = tracee_find(&w->tracees, tid);
	int err;

	if (tid == pass->caller || (t && t->stopped) || is_held(w, tid))
		return 0;
	if (t && t->interrupted) {
		if (proc_is_dead(tid)) /* a dead leader of a living group is not reported */
			tracee_drop(&w->tracees, t);
		else if (!is_in_vfork(w, t))
			pass->running++;
		return 0;
	}
	err = tracee_seize(&w->tracees, tid, &t);
	if (err)
		return err == -ESRCH ? 0 : err;
	/* An interrupt would cancel a call that is not received yet: receive it, as far as it is
	 * there. */
	err = w->backend->drain(w);
	if (err)
		return err;
	if (is_held(w, tid))
		return 0;
	err = tracee_interrupt(t);
	if (!is_in_vfork(w, t))
		pass->running++;
	return err == -ESRCH ? 0 : err;
}

static int stop_group(struct pass *pass, pid_t tgid)
{
	char path[32];
	int err;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)tgid);
	err = proc_each(path, stop_thread, pass);
	return err == -ESRCH ? 0 : err;
}

static int stop_everybody(struct pass *pass, pid_t caller_tgid)
{
	struct warden *w = pass->w;
	bool seen_caller = false;
	int err;

	pass->running = 0;
	for (unsigned i = 0; i < w->tasks.count; i++) {
		const struct process *p = &w->tasks.at[i];

		seen_caller = seen_caller || p->pid == caller_tgid;
		if (!tasks_is_current(p)) /* its number may be a stranger's by now */
			continue;
		err = stop_group(pass, p->pid);
		if (err)
			return err;
	}
	return seen_caller ? 0 : stop_group(pass, caller_tgid);
}

int freeze(struct warden *w, pid_t caller_tid, pid_t caller_tgid, uint64_t deadline_ns)
{
	struct pass pass = { .w = w, .caller = caller_tid };
	int err = w->backend->drain(w);

	w->freezing = true;
	while (!err) {
		err = stop_everybody(&pass, caller_tgid);
		/* Who stops brings children and threads to light: only a pass without news is the
		 * last. */
		if (err || (!pass.running && !forks_has_newborns(w)))
			return err;
		err = loop_wait(w, deadline_ns);
	}
	return err;
}

void thaw(struct warden *w)
{
	w->freezing = false;
	/* Backwards, as a release may put the last one in its place. */
	for (unsigned i = w->tracees.count; i-- > 0;) {
		struct tracee *t = &w->tracees.at[i];

		/* Who has not stopped yet is let go when it does. */
		if (t->stopped && !t->newborn && !t->asked)
			tracee_release(&w->tracees, t);
	}
}
