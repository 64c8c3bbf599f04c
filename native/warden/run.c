// SPDX-License-Identifier: Apache-2.0
#include "run.h"

#include "command.h"
#include "forks.h"
#include "launch.h"
#include "loop.h"
#include "proc.h"
#include "reap.h"
#include "remote.h"
#include "warden.h"

#include "jsonl.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK_NS 2000000000u

static const uint32_t landmark = 0x77617264;

static void fail(struct run_result *out, const char *step, int error)
{
	*out = (struct run_result){ .kind = RUN_FAILED, .step = step, .error = error };
}

/* 3 is where the agent puts events: it is taken unasked if something writable is there. */
static int events_fd(const struct config *config)
{
	int fd = config->events_fd >= 0 ? config->events_fd : 3;
	int mode = fcntl(fd, F_GETFL);

	if (mode < 0 || (mode & O_ACCMODE) == O_RDONLY)
		return config->events_fd >= 0 ? -EBADF : -1;
	/* Nobody who runs under us may write there; standard streams stay theirs, we take a copy.
	 */
	if (fd <= STDERR_FILENO) {
		fd = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		return fd < 0 ? -errno : fd;
	}
	return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -errno : fd;
}

static enum filter_forks forks_of(const struct config *config)
{
	switch (config->track) {
	case TRACK_FORK:
		return FORKS_TRACKED;
	case TRACK_LAZY:
		return FORKS_SEEN;
	default:
		return FORKS_FREE;
	}
}

/* Seizes the child at its gate, stops it and lets it go again. */
static int try_tracing(struct warden *w)
{
	uint64_t deadline_ns = jsonl_now() + CHECK_NS;
	struct tracee *t = NULL;
	int err = tracee_seize(&w->tracees, w->root, &t);

	if (!err)
		err = tracee_interrupt(t);
	/* A stop outside a freeze is answered by a release, which drops the entry. */
	while (!err && tracee_find(&w->tracees, w->root))
		err = loop_wait(w, deadline_ns);
	return err;
}

/* What strict and fork promise needs ptrace and the child's memory; better told now than at an
 * exec. */
static bool can_keep_promises(struct warden *w, struct run_result *out)
{
	const char *what = "traced";
	uint32_t seen = 0;
	int err, yama;

	if (w->config->guard != GUARD_STRICT && w->config->track != TRACK_FORK)
		return true;
	err = try_tracing(w);
	if (!err && w->config->guard == GUARD_STRICT) {
		what = "read";
		err = remote_read(w->root, (uintptr_t)&landmark, &seen, sizeof(seen));
		if (!err && seen != landmark)
			err = -EIO;
	}
	if (!err || w->config->allow_unjudged)
		return true;
	yama = proc_yama();
	out->kind = RUN_REFUSED;
	if (err == -EPERM && yama > 0)
		snprintf(out->reason, sizeof(out->reason),
			 "the command cannot be %s: yama.ptrace_scope is %d", what, yama);
	else
		snprintf(out->reason, sizeof(out->reason), "the command cannot be %s: %s", what,
			 strerror(-err));
	return false;
}

static void end_root(struct warden *w)
{
	kill(w->root, SIGKILL); /* our child, not reaped: the number is its own */
	while (waitpid(w->root, NULL, __WALL) < 0 && errno == EINTR)
		;
}

/* The root is at its gate. Goes on to the end of the run. */
static void supervise(struct warden *w, struct launched *l, struct run_result *out)
{
	const char *step = "register";
	int err = 0;

	events_started(&w->events, w->config);
	if (w->config->track != TRACK_NONE)
		err = forks_register(w, w->root, "root");
	if (!err) {
		step = "gate";
		err = launch_open_gate(l);
	}
	if (err) {
		fail(out, step, err);
		end_root(w);
		return;
	}
	err = loop_run(w);
	events_end(&w->events);
	if (!err)
		err = w->events.error;
	if (err)
		fail(out, "run", err);
	out->status = w->root_status;
	out->end_signal = w->end_signal;
}

static int prepare(struct warden *w, const char **step)
{
	*step = "--events";
	w->events.fd = events_fd(w->config);
	if (w->events.fd == -EBADF)
		return -EBADF;
	*step = "PR_SET_CHILD_SUBREAPER";
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return -errno;
	*step = "signals";
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) /* a closed events pipe is an error to handle */
		return -errno;
	return loop_open(w);
}

void run(const struct config *config, const struct policy *policy, struct run_result *out)
{
	static struct warden w; /* large tables */
	struct launch_error error;
	struct command command;
	struct launched l;
	struct filter filter;
	const char *step;
	int err;

	memset(out, 0, sizeof(*out));
	w = (struct warden){ .config = config, .policy = policy };
	command_init(&command, config->command);
	err = prepare(&w, &step);
	if (err)
		return fail(out, step, err);
	err = filter_build(&arch, forks_of(config), &filter);
	if (err)
		return fail(out, "filter", err);
	err = launch(&filter, command_exec, &command, &l, &error);
	if (err)
		return fail(out, error.step, err);
	command_raise_files();
	w.root = l.pid;
	err = listener_init(&w.listener, l.listener_fd, l.killable);
	if (err) {
		fail(out, "listener", err);
		end_root(&w);
	} else if (can_keep_promises(&w, out)) {
		supervise(&w, &l, out);
	} else {
		events_refused(&w.events, out->reason);
		end_root(&w);
	}
}
