// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  SIGKILL to the warden closes its listener and ends its tracing: what it had under it runs
 *          on, and no exec of theirs is asked about any more.
 * Steps:   a child of a session of its own waits until the warden is gone; another kills the warden,
 *          in shape judging while further ones exec. CLONE_UNTRACED keeps the child away from a tracer, where
 *          it is not refused.
 * Success: the child says that it has outlived the warden.
 */
#include "kit.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXECERS = 6, PATIENCE = 400 };

static const char *const shapes[] = { "idle", "judging", NULL };

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

/* A zombie still has its number: its reaper takes it away at once. */
static _Noreturn void be_survivor(pid_t warden)
{
	setsid();
	for (int i = 0; i < PATIENCE && !is_gone(warden); i++)
		kit_sleep_ns(1000000);
	kit_sleep_ns(20000000); /* whoever ends us may take a moment */
	if (is_gone(warden))
		say("outlived");
	_exit(0);
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

static _Noreturn void exec_on(struct kit *kit)
{
	char good[] = "GOOD";

	for (;;) {
		pid_t pid = fork();

		if (pid == 0) {
			close(KIT_REPORT_FD);
			kit_exec_witness(kit, good, 0);
		}
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
}

static _Noreturn void attack(struct kit *kit, pid_t warden)
{
	uint64_t wait_ns = kit->pace_ns * 16 + kit_below(kit, kit->pace_ns * 256);

	make_survivor(warden);
	for (int i = 0; i < EXECERS && kit_shape_is(kit, "judging"); i++)
		if (kit_fork(kit) == 0)
			exec_on(kit);
	kit_sleep_ns(wait_ns);
	say("trial");
	if (kill(warden, SIGKILL))
		_exit(KIT_BROKEN);
	for (;;)
		pause();
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
