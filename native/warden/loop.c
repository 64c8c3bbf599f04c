// SPDX-License-Identifier: Apache-2.0
#include "loop.h"

#include "arch/arch.h"
#include "deep/deep.h"
#include "deep/files.h"
#include "ending.h"
#include "forks.h"
#include "guard.h"
#include "jsonl.h"
#include "keeper.h"
#include "proc.h"
#include "reap.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

/*
 * A leader that dies before its threads, and a parent that falls asleep in vfork(2), are reported
 * by nobody: they are looked for this often.
 */
#define TICK_NS	 2000000u
#define NS_IN_MS 1000000u
/* How long a child may wait for its parent's fork event; the parent was killed if it takes longer.
 */
#define NEWBORN_MS 100
#define NEWBORN_NS (NEWBORN_MS * (uint64_t)NS_IN_MS)
#define BATCH	   64

int loop_open(struct warden *w)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	w->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (w->signal_fd < 0)
		return -errno;
	w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	return w->epoll_fd < 0 ? -errno : 0;
}

int loop_wait(struct warden *w, uint64_t deadline_ns)
{
	uint64_t now = jsonl_now(), left = deadline_ns > now ? deadline_ns - now : 0;
	struct pollfd fds[2] = { { .fd = w->signal_fd, .events = POLLIN },
				 { .fd = w->calls_fd, .events = POLLIN } };
	int err;

	if (!left)
		return -ETIMEDOUT;
	if (left > TICK_NS)
		left = TICK_NS;
	if (w->news_left)
		left = 0;
	if (poll(fds, 2, (int)((left + NS_IN_MS - 1) / NS_IN_MS)) < 0 && errno != EINTR)
		return -errno;
	err = w->backend->drain(w);
	if (err)
		return err;
	err = reap_signals(w);
	if (err && err != -ECHILD)
		return err;
	forks_adopt_newborns(w, NEWBORN_NS);
	return w->end_signal ? -EINTR : 0;
}

/*
 * A process of the index that asks by its leader, as most do; NULL for all others. Its number is its
 * own for as long as it has not ended, so nothing has to be read for it.
 */
static const struct process *known_caller(struct warden *w, pid_t tid)
{
	const struct process *p = tasks_find(&w->tasks, tid);

	return p && !tasks_is_over(p) ? p : NULL;
}

static void dispatch(struct warden *w, const struct held *call)
{
	bool known = known_caller(w, call->tid);
	pid_t tgid = known ? call->tid : proc_tgid(call->tid);

	/*
	 * The pid was read after the call was received: if the call still stands, so does the pid.
	 * Of a known caller nothing was read yet; whoever reads something asks after that.
	 */
	if (!known && !w->backend->valid(w, call))
		return;
	if (tgid <=
	    0) { /* alive and not to be seen: /proc is mounted with hidepid, or not at all */
		events_unjudged(&w->events, call->tid, false, "the caller's /proc cannot be read");
		(void)w->backend->refuse(w, call, EPERM);
		return;
	}
	if (!known && w->config->track != TRACK_NONE && forks_register(w, tgid, 0, "late")) {
		events_unjudged(&w->events, tgid, false, "the caller could not be registered");
		(void)w->backend->refuse(w, call, EAGAIN);
		return;
	}
	if (call->number == arch.execve || call->number == arch.execveat)
		guard_asked(w, call, tgid);
	else if (policy_asks(w->policy, call->number) && deep_takes(call->number))
		deep_asked(w, call, tgid);
	else if (policy_asks(w->policy, call->number) && files_takes(call->number))
		files_asked(w, call, tgid);
	else
		forks_asked(w, call, tgid);
}

static void on_pidfd(struct warden *w, pid_t pid)
{
	struct process *p = tasks_find(&w->tasks, pid);

	/* Asked again: the number may be a newer process's by now, within this very batch. */
	if (p && p->pidfd >= 0 && tasks_is_over(p))
		forks_forget(w, p);
}

void loop_take_exits(struct warden *w)
{
	struct epoll_event events[BATCH];
	unsigned before;
	int n;

	(void)reap_signals(w);
	do {
		before = w->tasks.count;
		n = epoll_wait(w->epoll_fd, events, BATCH, 0);
		for (int i = 0; i < n; i++)
			if (!(events[i].data.u64 & EVENT_IS_FD))
				on_pidfd(w, (pid_t)events[i].data.u64);
	} while (w->tasks.count < before);
}

static int watch(struct warden *w, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = EVENT_IS_FD | (unsigned)fd };

	return epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static void on_calls(struct warden *w, const struct epoll_event *event)
{
	bool waits = (int)(uint32_t)event->data.u64 == w->calls_fd && event->events == EPOLLIN;
	int err = waits ? w->backend->take(w) : w->backend->drain(w);

	if (err && !w->error)
		w->error = err;
}

/*
 * Under backend trace only wait(2) has news, and there one sleep in it is all that a call costs.
 * The SIGCHLD that came with it stays pending meanwhile, so that no more of them are made.
 */
static int take_news(struct warden *w)
{
	int err = reap_next(w);

	return err < 0 && err != -ECHILD ? err : 0;
}

static int take_events(struct warden *w)
{
	struct epoll_event events[BATCH];
	bool news_left = w->news_left;
	int limit_ms = news_left ? 0 : forks_has_newborns(w) ? NEWBORN_MS : deep_ms();
	int n = epoll_wait(w->epoll_fd, events, BATCH, limit_ms);

	if (n < 0 && errno != EINTR)
		return -errno;
	if (!w->end_signal) /* under backend trace it interrupts, and says nothing else */
		w->end_signal = ending_signal();
	deep_take(w);
	forks_adopt_newborns(w, NEWBORN_NS);
	if (news_left)
		(void)reap_all(w);
	for (int i = 0; i < n; i++) {
		if (!(events[i].data.u64 & EVENT_IS_FD))
			on_pidfd(w, (pid_t)events[i].data.u64);
		else if ((int)(uint32_t)events[i].data.u64 == w->signal_fd)
			reap_signals(w);
		/* A done call was taken above. To drain for it could take what the listener's own
		 * event is about, and its unasked receipt would wait for ever. */
		else if ((int)(uint32_t)events[i].data.u64 != deep_fd())
			on_calls(w, &events[i]);
	}
	return 0;
}

static int kill_if_child(void *context, pid_t pid)
{
	struct proc_stat stat;

	(void)context;
	if (proc_stat(pid, &stat) == 0 && stat.ppid == getpid())
		kill(pid, SIGKILL);
	return 0;
}

/*
 * True once nobody is left. Orphans come to us (PR_SET_CHILD_SUBREAPER), so those that were never
 * registered are found here as well.
 */
static bool all_gone(struct warden *w)
{
	int err = reap_all(w);

	if (w->tasks.count)
		return false;
	if (w->keeper) {
		keeper_end(w->keeper);
		w->keeper = 0;
	}
	if (err == -ECHILD)
		return true;
	proc_each("/proc", kill_if_child, NULL);
	return reap_all(w) == -ECHILD;
}

int loop_run(struct warden *w)
{
	struct held call;
	int err = watch(w, w->signal_fd);

	if (!err && w->tracees.lasting)
		err = ending_open();
	while (!err) {
		bool ending = w->root_gone || w->end_signal || w->error || w->events.error;

		if (ending) {
			tasks_kill_all(&w->tasks);
			if (!w->root_gone)
				kill(w->root,
				     SIGKILL); /* our child, not reaped: the number is its own */
			if (all_gone(w))
				return w->error ? w->error : w->events.error;
		}
		/* Only the one can wait for no longer than that. */
		err = w->tracees.lasting && !forks_has_newborns(w) && deep_ms() < 0
			      ? take_news(w)
			      : take_events(w);
		while (!err && w->backend->pop(w, &call))
			dispatch(w, &call);
	}
	return err;
}
