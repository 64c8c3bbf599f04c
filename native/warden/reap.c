// SPDX-License-Identifier: Apache-2.0
#include "reap.h"

#include "arch/arch.h"
#include "deep/deep.h"
#include "ending.h"
#include "forks.h"
#include "freeze.h"
#include "proc.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIGNALS		   8 /* more than are waited for */
#define STOP_EVENT(status) ((status) >> 16)
#define SYSCALL_STOP	   (SIGTRAP | 0x80) /* by PTRACE_O_TRACESYSGOOD */
#define REPORTS		   64 /* at once, beside one of each tracee: storms of signals have no end */
#define TURNS		   8  /* after so many everybody's news are taken in, not one's */

static void note_exec(struct warden *w, pid_t tid, enum exec_state state)
{
	if (w->exec.state == EXEC_PENDING && w->exec.tid == tid)
		w->exec.state = state;
}

/*
 * Past the point of no return a thread goes by its leader's number, and its own has ceased to be; where
 * the exec fails there no event tells of that. A leader that slept when it was to be stopped may stop
 * under that number before. True at the first that is heard of the thread since.
 */
static bool takes_over(struct warden *w, pid_t tid)
{
	struct exec_watch *e = &w->exec;
	struct tracee *former;

	if (e->state != EXEC_PENDING || e->tgid != tid || e->tid == tid ||
	    syscall(SYS_tgkill, tid, e->tid, 0) == 0 || errno != ESRCH)
		return false;
	former = tracee_find(&w->tracees, e->tid);
	if (former)
		tracee_drop(&w->tracees, former);
	e->tid = tid;
	return true;
}

/* The end of a process that no pidfd tells of. A leader's death is told when its group is gone. */
static void forget(struct warden *w, pid_t pid)
{
	struct process *p = tasks_find(&w->tasks, pid);

	if (!p || p->pidfd >= 0)
		return;
	forks_forget(w, p);
}

static void on_death(struct warden *w, pid_t tid, int status)
{
	struct tracee *t;
	bool forking;

	(void)takes_over(w, tid);
	t = tracee_find(&w->tracees, tid);
	forking = t && t->forking;
	if (t)
		tracee_drop(&w->tracees, t);
	if (forking) /* it may have died between making a child and saying so */
		forks_adopt_newborns(w, 0);
	tasks_forget_vfork_parent(&w->tasks, tid);
	if (tid == w->keeper) {
		w->keeper = 0;
		/* Without it nobody sees to an end of all should we be killed as well. */
		if (!w->error)
			w->error = -EOWNERDEAD;
		return;
	}
	if (tid == w->root) {
		w->root_gone = true;
		w->root_status = status;
	}
	note_exec(w, tid, EXEC_DIED);
	forget(w, tid);
}

/*
 * An exec by another thread than the leader is reported under the leader's number; the thread's own
 * has ceased to be.
 */
static void on_exec(struct warden *w, pid_t tgid)
{
	struct process *p = tasks_find(&w->tasks, tgid);
	unsigned long former = 0;
	struct tracee *old;

	if (p) /* it has its own memory now, and the parent goes on */
		tasks_set_vfork_parent(&w->tasks, p, 0);
	if (ptrace(PTRACE_GETEVENTMSG, tgid, NULL, &former) < 0)
		former = (unsigned long)tgid;
	if ((pid_t)former != tgid) {
		old = tracee_find(&w->tracees, (pid_t)former);
		if (old)
			tracee_drop(&w->tracees, old);
	}
	note_exec(w, tgid, EXEC_DONE);
}

/* It left whatever call it was in: signals and interrupts stop a task on its way to user mode only.
 */
static void on_return(struct warden *w, struct tracee *t)
{
	tracee_set_forking(&w->tracees, t, false);
	if (arch.mend_restart && !w->tracees.lasting)
		(void)arch.mend_restart(t->tid); /* at worst the call fails with an odd errno */
	note_exec(w, t->tid, EXEC_RETURNED);
}

static struct tracee *entry_of(struct warden *w, pid_t tid)
{
	struct tracee *t = tracee_find(&w->tracees, tid);

	if (t)
		return t;
	t = tracee_add(&w->tracees, tid);
	if (t)
		tracee_set_newborn(&w->tracees, t, true);
	else
		kill(tid, SIGKILL); /* nobody goes on that we have no room to know */
	return t;
}

static bool stays_stopped(const struct warden *w, const struct tracee *t)
{
	return freeze_keeps(w, t) || t->newborn || t->asked;
}

static bool is_group_stop(int signal)
{
	return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/* It waits for our answer from here on. */
static void on_call(struct warden *w, struct tracee *t)
{
	tracee_set_forking(&w->tracees, t, false);
	if (tracee_asks(&w->tracees, t))
		kill(t->tid, SIGKILL); /* it could wait for ever, or run on unasked */
}

/* The end of a refused call, where the kernel has set an errno of its own. */
static void on_refused(struct tracee *t)
{
	if (t->refusal)
		(void)arch.call_finish(t->tid, t->refusal); /* at worst the errno is an odd one */
	t->refusal = 0;
}

static void on_signal(struct warden *w, struct tracee *t, int signal)
{
	if (signal == SYSCALL_STOP) {
		on_refused(t);
		t->watched = false;
		(void)deep_left(w, t);
		return;
	}
	t->signal = signal;
	on_return(w, t);
}

/* Goes by the number of a leader that may have been in a call of its own, or dead and dropped. */
static void become_new_image(struct warden *w, struct tracee *t)
{
	tracee_set_newborn(&w->tracees, t, false);
	tracee_set_forking(&w->tracees, t, false);
	t->asked = 0;
	t->refusal = 0;
	t->watched = false;
}

static void on_stop(struct warden *w, pid_t tid, int status)
{
	bool took_over = takes_over(w, tid);
	struct tracee *t = entry_of(w, tid);

	if (!t)
		return;
	if (took_over)
		become_new_image(w, t);
	t->stopped = true;
	t->signal = 0;
	t->group_stop = false; /* as a leader's was whose number an exec has taken over */
	switch (STOP_EVENT(status)) {
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		if (forks_born(w, tid, STOP_EVENT(status)) && (t = tracee_find(&w->tracees, tid)))
			tracee_set_forking(&w->tracees, t, false);
		break;
	case PTRACE_EVENT_EXEC:
		become_new_image(w, t);
		on_exec(w, tid);
		break;
	case PTRACE_EVENT_SECCOMP:
		on_call(w, t);
		break;
	case PTRACE_EVENT_STOP:
		t->group_stop = is_group_stop(WSTOPSIG(status));
		if (!t->newborn)
			on_return(w, t);
		break;
	default:
		on_signal(w, t, WSTOPSIG(status));
	}
	t = tracee_find(&w->tracees, tid); /* the table may have moved */
	if (t && !stays_stopped(w, t))
		tracee_release(&w->tracees, t);
}

/*
 * 1: of these (as of waitpid(2)) somebody was heard of; 0: nobody was there to be heard of, or a signal came; or
 * -errno.
 */
static int reap_one(struct warden *w, pid_t of, int flags)
{
	int status;
	pid_t tid = waitpid(of, &status, __WALL | flags);

	if (tid < 0)
		return errno == EINTR ? 0 : -errno;
	if (tid == 0)
		return 0;
	if (proc_stopped(status))
		on_stop(w, tid, status);
	else
		on_death(w, tid, status);
	return 1;
}

/* The kernel looks from the newest on, and may find the same few for ever: each is asked about once. */
static void reap_each(struct warden *w)
{
	/* Backwards, as a death may put the last one in its place. */
	for (unsigned i = w->tracees.count; i-- > 0;)
		if (i < w->tracees.count && !w->tracees.at[i].stopped)
			(void)reap_one(w, w->tracees.at[i].tid, WNOHANG);
}

int reap_all(struct warden *w)
{
	unsigned left = w->tracees.count + REPORTS;
	int heard;

	do {
		heard = reap_one(w, -1, WNOHANG); /* a call that does not wait is not interrupted */
	} while (heard > 0 && --left);
	w->news_left = heard > 0;
	if (w->news_left)
		reap_each(w);
	return heard < 0 ? heard : 0;
}

int reap_next(struct warden *w)
{
	static unsigned turns;
	int heard, signal = ending_signal();

	if (signal && !w->end_signal) {
		w->end_signal = signal;
		return 0;
	}
	heard = reap_one(w, -1, 0);
	/* The kernel looks for news in an order of its own: who asks all the time must not be all
	 * that it finds. */
	return heard > 0 && ++turns % TURNS == 0 ? reap_all(w) : heard;
}

int reap_signals(struct warden *w)
{
	struct signalfd_siginfo infos[SIGNALS];
	ssize_t n = read(w->signal_fd, infos, sizeof(infos));

	/* There is no more than one of each kind. */
	for (ssize_t i = 0; i < n / (ssize_t)sizeof(infos[0]); i++)
		if (infos[i].ssi_signo != SIGCHLD)
			w->end_signal = (int)infos[i].ssi_signo;
	if (!w->end_signal)
		w->end_signal = ending_signal();
	return reap_all(w);
}
