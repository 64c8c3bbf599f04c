// SPDX-License-Identifier: Apache-2.0
#include "run.h"

#include "command.h"
#include "deep/pool.h"
#include "exits.h"
#include "forks.h"
#include "keeper.h"
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

#define PROCESSES_DEFAULT 4096u
/* Each job of the pool may hold two (deep/pool.h); the rest is little. */
#define FILES_OF_OUR_OWN (2u * POOL_JOBS + 64u)

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

static int try_reading(const struct warden *w)
{
	uint32_t seen = 0;
	int err = remote_read(w->root, (uintptr_t)&landmark, &seen, sizeof(seen));

	return !err && seen != landmark ? -EIO : err;
}

/* What strict and fork promise needs ptrace and the child's memory; better told now than at an
 * exec. Under backend trace the child is traced already. */
static int check_promises(struct warden *w, const char **what)
{
	bool strict = w->config->guard == GUARD_STRICT;
	int err = 0;

	*what = "traced";
	if (!w->tracees.lasting && (strict || w->config->track == TRACK_FORK))
		err = try_tracing(w);
	if (err || !strict)
		return err;
	*what = "read";
	return try_reading(w);
}

static void say_why(char *out, size_t size, const char *what, int err)
{
	int yama = proc_yama();

	if (err == -EPERM && yama > 0)
		snprintf(out, size, "the command cannot be %s: yama.ptrace_scope is %d", what,
			 yama);
	else
		snprintf(out, size, "the command cannot be %s: %s", what, strerror(-err));
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

	events_started(&w->events, w->config, w->backend->name);
	if (w->config->track != TRACK_NONE)
		err = forks_register(w, w->root, getpid(), "root");
	if (w->backend == &backend_blind)
		events_unjudged(&w->events, w->root, true, out->reason);
	/*
	 * Nobody of our uid may trace us, or write our memory: root owns what is not dumpable. The
	 * keeper, which holds the listener as well, comes into the world so.
	 */
	if (!err && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		err = -errno;
	if (!err && !w->tracees.lasting && w->config->track != TRACK_NONE) {
		step = "keeper";
		w->keeper = keeper_start();
		err = w->keeper < 0 ? w->keeper : 0;
	}
	if (!err) {
		step = "gate";
		err = launch_open_gate(l);
	}
	if (err) {
		fail(out, step, err);
		end_root(w);
		keeper_end(w->keeper);
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

/* The command at its gate, under the filter of w->backend; *step is what failed. */
static int start(struct warden *w, const struct start *how, struct launched *l, const char **step)
{
	static struct filter filter; /* too large for the stack */
	struct launch_error error;
	int err = filter_build(&arch, w->policy, forks_of(w->config), w->backend->ask, &filter);

	*step = "filter";
	if (!err && w->config->foreign == FOREIGN_ALLOW)
		err = filter_let_foreign_pass(&arch, &filter);
	if (err)
		return err;
	err = launch(&filter, how->body, how->context, l, &error);
	*step = error.step;
	w->root = l->pid;
	return err;
}

enum readiness { READY, NOT_READY, BLIND };

/* Whether the run can be what was asked for; if not, out says why. */
static enum readiness get_ready(struct warden *w, const struct launched *l, struct run_result *out)
{
	int err = w->backend->open(w, l);
	const char *what = "traced";
	bool traced = !err;

	if (err && w->backend == &backend_notify) {
		fail(out, "listener", err);
		return NOT_READY;
	}
	if (!err)
		err = check_promises(w, &what);
	if (!err)
		return READY;
	say_why(out->reason, sizeof(out->reason), what, err);
	if (w->config->allow_unjudged)
		return traced ? READY : BLIND;
	out->kind = RUN_REFUSED;
	events_refused(&w->events, out->reason);
	return NOT_READY;
}

/* Who cannot be traced cannot be asked about: all that is left is to let the command run, or not. */
static int start_blind(struct warden *w, const struct start *how, struct launched *l,
		       const char **step)
{
	int err;

	end_root(w);
	close(l->gate_fd);
	w->backend = &backend_blind;
	err = start(w, how, l, step);
	return err ? err : w->backend->open(w, l);
}

/* Under notify a process takes a pidfd; a limit that was asked for is kept exactly, or refused. */
static int limit_processes(struct warden *w, unsigned files)
{
	unsigned asked = w->config->max_processes;
	unsigned room = files > FILES_OF_OUR_OWN ? files - FILES_OF_OUR_OWN : 0;

	w->max_processes = asked ? asked : PROCESSES_DEFAULT;
	if (w->tracees.lasting || w->max_processes <= room)
		return 0;
	w->max_processes = room;
	return asked || !room ? -EMFILE : 0;
}

void run(const struct config *config, const struct policy *policy, const struct start *how,
	 struct run_result *out)
{
	static struct warden w; /* large tables */
	enum readiness readiness;
	struct launched l;
	const char *step;
	int err;

	memset(out, 0, sizeof(*out));
	w = (struct warden){ .config = config, .policy = policy };
	w.backend = backend_choose(config->backend);
	err = prepare(&w, &step);
	if (!err)
		err = start(&w, how, &l, &step);
	if (err)
		return fail(out, step, err);
	readiness = get_ready(&w, &l, out);
	if (readiness == BLIND) {
		err = start_blind(&w, how, &l, &step);
		if (err)
			return fail(out, step, err);
	}
	if (readiness == NOT_READY) {
		end_root(&w);
		return;
	}
	err = limit_processes(&w, command_raise_files());
	if (err) {
		fail(out, "--max-processes", err);
		end_root(&w);
		return;
	}
	supervise(&w, &l, out);
}

/* Death by mips' last signal has the bit of a core dump and no number: all else that looks so has exited. */
#define SIGNAL_128 0x80

int run_exit_status(const struct run_result *r)
{
	int signal;

	if (r->kind == RUN_REFUSED) {
		fprintf(stderr, "warden: refused: %s\n", r->reason);
		return EXIT_REFUSED;
	}
	if (r->kind == RUN_FAILED) {
		fprintf(stderr, "warden: %s: %s\n", r->step, strerror(-r->error));
		return EXIT_OWN_FAILURE;
	}
	if (r->end_signal)
		return EXIT_SIGNAL_BASE + r->end_signal;
	if (WIFEXITED(r->status) && r->status != SIGNAL_128)
		return WEXITSTATUS(r->status);
	signal = r->status == SIGNAL_128 ? SIGNAL_128 : WTERMSIG(r->status);
	return EXIT_SIGNAL_BASE + signal > UINT8_MAX ? UINT8_MAX : EXIT_SIGNAL_BASE + signal;
}
