// SPDX-License-Identifier: Apache-2.0
#include "freeze.h"

#include "deep/deep.h"
#include "forks.h"
#include "jsonl.h"
#include "loop.h"
#include "proc.h"

#include <errno.h>
#include <stdio.h>

/*
 * How long somebody is waited for whom no interrupt reaches: asleep in state D, or traced by another
 * and not stopped.
 */
#define GRACE_NS 100000000u

struct pass {
	struct warden *w;
	pid_t caller;
	bool late;	  /* the grace is over */
	bool denied;	  /* somebody belongs to another tracer */
	unsigned running; /* found not to be stopped */
	unsigned seen;	  /* threads of the group under way */
};

/* It cannot run user code before we let it: an answer or a stop comes first. */
static bool is_held(struct warden *w, pid_t tid)
{
	return w->asking_is_held && (w->backend->asks(w, tid) || deep_holds(w, tid));
}

/*
 * Stopped by a tracer that is itself one of those being frozen: nobody is left to let it go. A
 * tracer from elsewhere could.
 */
static bool is_held_by_one_of_ours(struct warden *w, pid_t tid)
{
	pid_t tracer = proc_tracer(tid), tgid = tracer > 0 ? proc_tgid(tracer) : 0;
	struct proc_stat stat;

	return tgid > 0 && tasks_find(&w->tasks, tgid) && proc_stat(tid, &stat) == 0 &&
	       stat.state == 't';
}

/* An interrupt was sent and no stop has come: whether it has to be waited for. */
static bool is_awaited(struct pass *pass, struct tracee *t)
{
	struct warden *w = pass->w;
	struct proc_stat stat;
	int err = proc_stat(t->tid, &stat);

	if (err == -ESRCH || (!err && proc_is_end(stat.state))) {
		tracee_drop(&w->tracees, t); /* a dead leader of a living group is not reported */
		return false;
	}
	if (!err &&
	    stat.ending) /* by a sleep that no interrupt ends, perhaps: it will be reported */
		return false;
	if (err || stat.state != 'D')
		return true;
	/*
	 * The interrupt catches it before its next instruction. In vfork(2) it sleeps until its
	 * child execs or ends, and the kernel writes nothing for it; in any other such sleep a read
	 * into the memory in question may be under way, which only the comparison behind the exec
	 * can tell.
	 */
	return !tasks_waits_in_vfork(&w->tasks, t->tid) && !pass->late;
}

/* EPERM: it belongs to another tracer, or must not be traced at all. */
static int stop_denied(struct pass *pass, pid_t tid)
{
	if (is_held_by_one_of_ours(pass->w, tid))
		return 0;
	pass->running++;
	pass->denied = true;
	return pass->late ? -EPERM : 0;
}

/* A flaw's own way to wait, while whoever has not been stopped yet goes on. */
static int await_one(struct pass *pass, pid_t tid)
{
	struct warden *w = pass->w;
	uint64_t deadline_ns = jsonl_now() + GRACE_NS;
	struct tracee *t;
	int err = 0;

	while (!err && (t = tracee_find(&w->tracees, tid)) && !t->stopped && is_awaited(pass, t))
		err = loop_wait(w, deadline_ns);
	return err;
}

static int stop_thread(void *context, pid_t tid)
{
	struct pass *pass = context;
	struct warden *w = pass->w;
	struct tracee *t = tracee_find(&w->tracees, tid);
	int err;

	pass->seen++;
	if (tid == pass->caller || (t && t->stopped) || is_held(w, tid))
		return 0;
	if (t && t->interrupted) {
		pass->running += is_awaited(pass, t);
		return 0;
	}
	err = tracee_seize(&w->tracees, tid, &t);
	if (err == -EPERM)
		return stop_denied(pass, tid);
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
	if (err)
		return err == -ESRCH ? 0 : err;
	if (flaw_is(FLAW_SINGLE_PASS))
		return await_one(pass, tid);
	/* Most stop at once: only who may never do so is looked at now. */
	pass->running += !tasks_waits_in_vfork(&w->tasks, tid) || is_awaited(pass, t);
	return 0;
}

/* Who makes no threads: where such a leader is alone, it is all there is. */
static bool is_still(struct warden *w, pid_t tgid)
{
	const struct tracee *t = tracee_find(&w->tracees, tgid);

	return (t && t->stopped) || is_held(w, tgid);
}

/* A walk beside threads that come and go may miss one: the kernel's own count tells. */
static int stop_group(struct pass *pass, pid_t tgid)
{
	unsigned running = pass->running;
	bool still = is_still(pass->w, tgid); /* before it is counted */
	int err, threads = proc_threads(tgid);
	char path[32];

	if (threads < 0)
		return threads;
	if (still && threads == 1)
		return 0;
	pass->seen = 0;
	snprintf(path, sizeof(path), "/proc/%d/task", (int)tgid);
	err = threads == 1 ? stop_thread(pass, tgid) : proc_each(path, stop_thread, pass);
	if (!err && pass->running == running) {
		threads = proc_threads(tgid);
		pass->running += threads > 0 && pass->seen < (unsigned)threads;
	}
	return err;
}

/*
 * Of whom nothing can be seen while it has not ended: /proc hides it, and its threads as well. The
 * end of a process without a pidfd is heard of by nobody else before we forget it.
 */
static int stop_process(struct pass *pass, const struct process *p)
{
	int err = stop_group(pass, p->pid);

	if (err != -ESRCH)
		return err;
	return tasks_is_over(p) ? 0 : -EACCES;
}

/* The caller makes no thread while it waits for its answer: where it is alone nobody is looked for. */
static int stop_siblings(struct pass *pass, pid_t caller_tgid)
{
	int threads = proc_threads(caller_tgid);

	if (threads < 0) /* it is alive, or its answer will be nobody's */
		return threads == -ESRCH ? -EACCES : threads;
	return threads == 1 ? 0 : stop_group(pass, caller_tgid);
}

static int stop_everybody(struct pass *pass, pid_t caller_tgid)
{
	struct warden *w = pass->w;
	int err;

	pass->running = 0;
	pass->denied = false;
	for (unsigned i = 0; i < w->tasks.count; i++) {
		const struct process *p = &w->tasks.at[i];

		if (p->pid == caller_tgid ||
		    tasks_is_over(p)) /* its number may be a stranger's by now */
			continue;
		err = stop_process(pass, p);
		if (err)
			return err;
	}
	return stop_siblings(pass, caller_tgid);
}

int freeze(struct warden *w, pid_t caller_tid, pid_t caller_tgid, uint64_t deadline_ns)
{
	struct pass pass = { .w = w, .caller = caller_tid };
	uint64_t grace_ends_ns = jsonl_now() + GRACE_NS;
	int err = w->backend->drain(w);

	w->freezing = true;
	while (!err) {
		pass.late = jsonl_now() > grace_ends_ns;
		err = stop_everybody(&pass, caller_tgid);
		if (!err && flaw_is(FLAW_SINGLE_PASS))
			return pass.denied ? -EPERM : 0;
		/* Who stops brings children and threads to light: only a pass without news is the
		 * last. */
		if (err || (!pass.running && !forks_has_newborns(w)))
			return err;
		err = loop_wait(w, deadline_ns);
	}
	return err == -ETIMEDOUT && pass.denied ? -EPERM : err;
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
