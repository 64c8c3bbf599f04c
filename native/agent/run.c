// SPDX-License-Identifier: Apache-2.0
#include "run.h"
#include "frame.h"
#include "guest.h"
#include "spawn.h"
#include "truth_device.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* Guest time. */
#define REPRIEVE_NS 500000000u

enum { FROM_WARDEN, FROM_ATTACK, FROM_OUTPUT, PIPES };

struct run {
	struct job *job;
	pid_t child;
	bool child_gone, all_gone, overdue;
	int status;
	uint64_t deadline_ns;
	uint64_t reprieve_ns; /* until when those may speak whose command was killed; 0: not now */
	int signals, go;
	struct truth truth;
	struct lines pipes[PIPES];
};

static void apply(const struct settings *settings)
{
	for (size_t i = 0; i < settings->count; i++) {
		const struct setting *s = &settings->of[i];
		int err = guest_sysctl(s->name, s->value);
		struct jsonl j;

		jsonl_begin(&j, "sysctl");
		jsonl_str(&j, "name", s->name, strlen(s->name));
		jsonl_str(&j, "value", s->value, strlen(s->value));
		jsonl_int(&j, "errno", -err);
		frame_event(&j);
	}
}

static void reach_milestones(struct run *run, const char *line, size_t n)
{
	for (size_t i = 0; i < run->job->milestone_count; i++) {
		struct milestone *m = &run->job->milestones[i];
		char want[128];
		int length = snprintf(want, sizeof(want), "\"event\":\"%s\"", m->event);

		if (m->reached || length < 0 || (size_t)length >= sizeof(want) ||
		    !memmem(line, n, want, (size_t)length))
			continue;
		m->reached = true;
		apply(&m->settings);
		if (write(run->go, "", 1) != 1)
			frame_error("milestone", m->event, -errno);
	}
}

static void on_warden_line(void *context, const char *line, size_t n)
{
	(void)context;
	frame_send("warden", line, n);
}

static void on_attack_line(void *context, const char *line, size_t n)
{
	frame_send("attack", line, n);
	reach_milestones(context, line, n);
}

/* What a program prints goes to the console behind a bar, so that it can never pass for a frame. */
static void on_output_line(void *context, const char *line, size_t n)
{
	(void)context;
	frame_console_text(line, n);
}

static void (*const sinks[PIPES])(void *context, const char *line, size_t n) = {
	[FROM_WARDEN] = on_warden_line,
	[FROM_ATTACK] = on_attack_line,
	[FROM_OUTPUT] = on_output_line,
};

static void on_pipe(struct run *run, int which)
{
	struct lines *l = &run->pipes[which];
	char bytes[4096];
	ssize_t got = read(l->fd, bytes, sizeof(bytes));

	if (got > 0) {
		lines_feed(l, bytes, (size_t)got, sinks[which], run);
	} else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
		close(l->fd);
		l->fd = -1;
	}
}

static void reap(struct run *run)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	/* SIGCHLD coalesces: one read, then everybody who is dead. */
	if (run->signals >= 0 && read(run->signals, &info, sizeof(info)) < 0 && errno != EAGAIN)
		frame_error("signalfd", "read", -errno);
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == run->child) {
			run->child_gone = true;
			run->status = status;
			if (WIFSIGNALED(status)) /* who outlives it is to have the time to say so */
				run->reprieve_ns = jsonl_now() + REPRIEVE_NS;
			else
				kill(-1, SIGKILL); /* as PID 1: everybody but ourselves */
		}
	}
	run->all_gone = pid < 0 && errno == ECHILD;
}

static int wait_ms(const struct run *run)
{
	uint64_t now = jsonl_now(), until_ns = run->deadline_ns;

	if (run->reprieve_ns && run->reprieve_ns < until_ns)
		until_ns = run->reprieve_ns;
	if (run->overdue)
		return -1;
	return now >= until_ns ? 0 : (int)((until_ns - now) / 1000000 + 1);
}

static void end_overdue(struct run *run)
{
	if (run->overdue || jsonl_now() < run->deadline_ns)
		return;
	run->overdue = true;
	frame_error("limit", "the command did not end in its time", -ETIMEDOUT);
	kill(-1, SIGKILL);
}

static void end_reprieve(struct run *run)
{
	if (!run->reprieve_ns || jsonl_now() < run->reprieve_ns)
		return;
	run->reprieve_ns = 0;
	kill(-1, SIGKILL);
}

static bool anything_left(const struct run *run)
{
	for (int i = 0; i < PIPES; i++) {
		if (run->pipes[i].fd >= 0)
			return true;
	}
	return !run->child_gone || !run->all_gone;
}

static void pump(struct run *run)
{
	while (anything_left(run)) {
		struct pollfd fds[PIPES + 2];

		for (int i = 0; i < PIPES; i++)
			fds[i] = (struct pollfd){ .fd = run->pipes[i].fd, .events = POLLIN };
		fds[PIPES] = (struct pollfd){ .fd = run->signals, .events = POLLIN };
		fds[PIPES + 1] = (struct pollfd){ .fd = run->truth.session.fd, .events = POLLIN };
		if (poll(fds, PIPES + 2, wait_ms(run)) < 0 && errno != EINTR) {
			frame_error("poll", "events", -errno);
			kill(-1, SIGKILL);
			return;
		}
		for (int i = 0; i < PIPES; i++) {
			if (fds[i].fd >= 0 && fds[i].revents)
				on_pipe(run, i);
		}
		if (fds[PIPES + 1].revents)
			truth_device_drain(&run->truth);
		if (fds[PIPES].revents)
			reap(run);
		end_reprieve(run);
		end_overdue(run);
	}
	if (run->truth.session.fd >= 0)
		truth_device_drain(&run->truth);
}

static void say_lost(const struct run *run)
{
	for (int i = 0; i < FROM_OUTPUT; i++) {
		const struct lines *l = &run->pipes[i];
		unsigned lost = l->lost + (l->len || l->skipping);
		struct jsonl j;

		if (!lost)
			continue;
		jsonl_begin(&j, "lost");
		jsonl_str(&j, "source", l->from, strlen(l->from));
		jsonl_int(&j, "lines", lost);
		frame_event(&j);
	}
}

static void say_exit(const struct run *run)
{
	struct jsonl j;

	jsonl_begin(&j, "exit");
	if (WIFEXITED(run->status)) {
		jsonl_int(&j, "status", WEXITSTATUS(run->status));
		jsonl_null(&j, "signal");
	} else {
		jsonl_null(&j, "status");
		jsonl_int(&j, "signal", WTERMSIG(run->status));
	}
	frame_event(&j);
}

static int start(struct run *run)
{
	struct spawned spawned;
	sigset_t mask;
	int err;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &mask, NULL))
		return -errno;
	run->signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (run->signals < 0)
		return -errno;
	err = spawn_command(run->job->argv, run->job->env, &run->job->standing, &spawned);
	if (err)
		return err;
	run->child = spawned.pid;
	run->go = spawned.go;
	run->pipes[FROM_WARDEN].fd = spawned.warden;
	run->pipes[FROM_ATTACK].fd = spawned.attack;
	run->pipes[FROM_OUTPUT].fd = spawned.output;
	return 0;
}

static void close_all(struct run *run)
{
	if (run->signals >= 0)
		close(run->signals);
	if (run->go >= 0)
		close(run->go);
	truth_device_close(&run->truth);
	for (int i = 0; i < PIPES; i++) {
		if (run->pipes[i].fd >= 0)
			close(run->pipes[i].fd);
	}
}

static void run_command(struct run *run)
{
	int err;

	run->deadline_ns = jsonl_now() + (uint64_t)run->job->limit_ms * 1000000;
	err = start(run);
	if (err) {
		frame_error("spawn", run->job->argv[0], err);
		return;
	}
	pump(run);
	say_lost(run);
	say_exit(run);
}

void run_job(struct job *job)
{
	/* Too large for a stack that a program of one page of stack needs would share. */
	static struct run run;
	struct jsonl j;
	int err;

	run = (struct run){ .job = job, .signals = -1, .go = -1 };
	for (int i = 0; i < PIPES; i++)
		run.pipes[i].fd = -1;
	run.pipes[FROM_WARDEN].from = "warden";
	run.pipes[FROM_ATTACK].from = "attack";
	run.pipes[FROM_OUTPUT].from = "output";

	jsonl_begin(&j, "start");
	jsonl_str(&j, "lane", job->lane, strlen(job->lane));
	jsonl_str(&j, "seed", job->seed, strlen(job->seed));
	frame_event(&j);

	apply(&job->sysctl);
	err = truth_device_open(&run.truth, job);
	if (!err)
		run_command(&run);
	close_all(&run);
}
