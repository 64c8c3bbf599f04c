// SPDX-License-Identifier: Apache-2.0
#include "prove.h"

#include "../arch/arch.h"
#include "../exits.h"
#include "../profile/confine.h"
#include "../run.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
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

int prove(const struct profile *profile, char **command, bool held, int events)
{
	pid_t parent = getpid(), pid = fork();
	int status;

	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
			_exit(EXIT_OWN_FAILURE);
		be_warden(profile, command, held, events);
	}
	if (pid < 0)
		return EXIT_OWN_FAILURE;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_OWN_FAILURE;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SIGNAL_BASE + WTERMSIG(status);
}
