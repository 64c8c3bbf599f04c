// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a supervisor that follows parents and children misses who is made across them.
 * Steps:   per trial a middle process makes one child in the shape's way. The first thing the child does
 *          is to read the clock; it reports that instant, then execs the witness.
 * Success: the child was born before the supervisor registered its pid.
 * Source:  clone(2), CLONE_PARENT, CLONE_VM.
 */
#include "exec-race.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const shapes[] = { "sister", "orphan", "sharing", "leaderless", NULL };

static _Alignas(16) char stack[65536];

static void *make_from_thread(void *argument)
{
	struct newborn *child = argument;
	pid_t pid = fork();

	if (pid == 0)
		exec_race_newborn(child);
	_exit(pid < 0 || waitpid(pid, NULL, 0) != pid ? KIT_BROKEN : 0);
}

static pid_t make_strangely(struct newborn *child)
{
	struct kit *kit = child->kit;
	pthread_t thread;

	if (kit_shape_is(kit, "sister"))
		return (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
	if (kit_shape_is(kit, "sharing"))
		return clone(exec_race_cloned, stack + sizeof(stack), CLONE_VM | SIGCHLD, child);
	if (kit_shape_is(kit, "orphan"))
		return fork();
	if (pthread_create(&thread, NULL, make_from_thread, child))
		return -1;
	syscall(SYS_exit, 0); /* this thread alone */
	return -1;
}

static _Noreturn void be_middle(struct newborn *child)
{
	bool orphan = kit_shape_is(child->kit, "orphan") && !child->kit->honest;
	pid_t pid;

	pid = child->kit->honest ? fork() : make_strangely(child);
	if (pid == 0)
		exec_race_newborn(child);
	if (pid > 0 && !orphan && !kit_shape_is(child->kit, "sister"))
		waitpid(pid, NULL, 0);
	_exit(pid < 0 ? KIT_BROKEN : 0);
}

static void try_once(struct kit *kit, unsigned n)
{
	struct newborn child = { .kit = kit, .n = n };
	int done[2]; /* ends when the child does, or its program */
	pid_t middle, pid;
	bool made = true; /* the child, by everybody who can be waited for */
	int status;
	char byte;

	if (pipe(done))
		_exit(KIT_BROKEN);
	middle = kit_fork(kit);
	if (middle == 0)
		be_middle(&child);
	close(done[1]);
	if (read(done[0], &byte, 1) != 0) /* the witness holds it too, until its end */
		_exit(KIT_BROKEN);
	close(done[0]);
	while ((pid = waitpid(-1, &status, __WALL)) > 0)
		made = made && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	if (!made)
		_exit(KIT_BROKEN);
	kit_tell(kit, n, "trial", "ran");
}

int main(int argc, char **argv)
{
	const struct exec_race race = { .try_once = try_once };

	return exec_race_run(argc, argv, shapes, &race);
}
