// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  SIGKILL to the warden closes its listener and ends its tracing: what it had under it runs
 *          on, and no exec of theirs is asked about any more.
 * Steps:   a child of a session of its own waits until the warden is gone; another kills the warden,
 *          in shape judging while further ones exec. CLONE_UNTRACED keeps the child away from a tracer, where
 *          it is not refused.
 * Success: any of them says that it has outlived the warden.
 */
#include "kit.h"

#include "broken.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXECERS = 6 };

/* Whoever ends us has to get the only processor, and has others to end: half of what the agent gives. */
#define REPRIEVE_NS 250000000

static const char *const shapes[] = { "idle", "judging", NULL };

static atomic_bool *outlived;

static void say(const char *event)
{
	struct jsonl j;

	kit_event(&j, 1, event);
	kit_send(&j);
}

static bool is_gone(pid_t pid)
{
	return kill(pid, 0) < 0;
}

/* Whoever it is, it is one trial. */
static _Noreturn void outlive(void)
{
	kit_sleep_ns(REPRIEVE_NS);
	if (!atomic_exchange(outlived, true))
		say("outlived");
	_exit(0);
}

/* A zombie still has its number: its reaper takes it away at once. */
static _Noreturn void wait_and_outlive(pid_t warden)
{
	while (!is_gone(warden))
		kit_sleep_ns(1000000);
	outlive();
}

static _Noreturn void be_survivor(pid_t warden)
{
	setsid();
	wait_and_outlive(warden);
}

static void make_survivor(pid_t warden)
{
	long pid = syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0);

	if (pid < 0)
		pid = fork();
	if (pid == 0)
		be_survivor(warden);
	if (pid < 0)
		_exit(KIT_BROKEN);
}

/* The program has nothing to say; an exec that came back, because nobody is left to answer, has. */
static _Noreturn void exec_once(pid_t warden)
{
	char *argv[] = { "witness", "GOOD", "0", NULL };
	char *envp[] = { NULL };

	if (fcntl(KIT_REPORT_FD, F_SETFD, FD_CLOEXEC))
		kit_broken("FD_CLOEXEC");
	execve(KIT_WITNESS, argv, envp);
	if (is_gone(warden))
		outlive();
	_exit(KIT_EXEC_FAILED);
}

static _Noreturn void exec_on(pid_t warden)
{
	while (!is_gone(warden)) {
		pid_t pid = fork();

		if (pid == 0)
			exec_once(warden);
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
	outlive();
}

static _Noreturn void attack(struct kit *kit, pid_t warden)
{
	uint64_t wait_ns = kit->pace_ns * 16 + kit_below(kit, kit->pace_ns * 256);

	outlived = kit_shared(sizeof(*outlived));
	make_survivor(warden);
	for (int i = 0; i < EXECERS && kit_shape_is(kit, "judging"); i++)
		if (kit_fork(kit) == 0)
			exec_on(warden);
	kit_sleep_ns(wait_ns);
	say("trial");
	if (kill(warden, SIGKILL))
		_exit(KIT_BROKEN);
	wait_and_outlive(warden);
}

int main(int argc, char **argv)
{
	char good[] = "GOOD";
	struct kit kit;
	pid_t pid;

	kit_begin(&kit, argc, argv, shapes);
	kit_warm_up(&kit);
	if (!kit.honest)
		attack(&kit, getppid());
	for (unsigned n = 1; n <= kit.trials; n++) {
		pid = kit_fork(&kit);
		if (pid == 0)
			kit_exec_witness(&kit, good, n);
		kit_outcome(&kit, pid, n, "trial");
	}
	return 0;
}
