// SPDX-License-Identifier: Apache-2.0
#include "prove.h"

#include "../arch/arch.h"
#include "../exits.h"
#include "../profile/confine.h"
#include "../run.h"

#include "jsonl.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct policy_verdict allow(const void *unused, const struct facts *facts)
{
	(void)unused;
	(void)facts;
	return (struct policy_verdict){ .action = POLICY_ALLOW };
}

static void run_freely(const struct config *config, char **command, struct run_result *out)
{
	static struct policy policy; /* large */
	struct command c;
	struct start how = { command_exec, &c };

	policy.audit = arch.audit;
	policy.judge = allow;
	command_init(&c, command);
	run(config, &policy, &how, out);
}

static _Noreturn void be_warden(const struct profile *profile, char **command, bool held,
				int events)
{
	static struct confinement c; /* large */
	struct config config = { .guard = GUARD_STRICT,
				 .deep = DEEP_STRICT,
				 .track = TRACK_FORK,
				 .backend = BACKEND_TRACE,
				 .max_processes = held ? profile->processes : 0,
				 .events_fd = events };
	struct start how = { confine_exec, &c };
	struct run_result result;
	int status;

	if (events < 0)
		close(3); /* where events would go unasked (run.c) */
	if (!held) {
		run_freely(&config, command, &result);
		_exit(run_exit_status(&result));
	}
	status = confine_made("the profile", profile, FILES_AUTO, &c);
	if (status)
		_exit(status);
	command_init(&c.command, command);
	run(&config, &c.policy, &how, &result);
	_exit(run_exit_status(&result));
}

static bool has_ended(pid_t pid)
{
	siginfo_t end;

	memset(&end, 0, sizeof(end));
	return waitid(P_PID, (id_t)pid, &end, WEXITED | WNOHANG | WNOWAIT) < 0 || end.si_pid == pid;
}

/* Ends it when its time is over; those under it go with it. SIGCHLD was blocked before it was made. */
static void await_end(pid_t pid, uint64_t limit_ns)
{
	uint64_t deadline_ns = jsonl_now() + limit_ns;
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	while (limit_ns && !has_ended(pid)) {
		uint64_t now_ns = jsonl_now(), left_ns = deadline_ns - now_ns;
		struct timespec left = { (time_t)(left_ns / 1000000000u),
					 (long)(left_ns % 1000000000u) };

		if (now_ns >= deadline_ns) {
			kill(pid, SIGKILL); /* our child, not reaped: the number is its own */
			return;
		}
		(void)sigtimedwait(&child, NULL, &left); /* whatever it was, it is looked at */
	}
}

int prove(const struct profile *profile, char **command, bool held, int events, uint64_t limit_ns)
{
	pid_t parent = getpid(), pid;
	sigset_t child, before;
	int status;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &child, &before) < 0)
		return EXIT_OWN_FAILURE;
	pid = fork();
	if (pid == 0) {
		if (sigprocmask(SIG_SETMASK, &before, NULL) < 0 ||
		    prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
			_exit(EXIT_OWN_FAILURE);
		be_warden(profile, command, held, events);
	}
	if (pid > 0)
		await_end(pid, limit_ns);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (pid < 0)
		return EXIT_OWN_FAILURE;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_OWN_FAILURE;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SIGNAL_BASE + WTERMSIG(status);
}
