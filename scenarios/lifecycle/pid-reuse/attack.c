// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  an index keyed by pid alone believes that it has the writer already, or that it is dead: it
 *          is not frozen.
 * Steps:   pid_max is low. Per trial a process is made and ends; children are made and end until one has
 *          the same number: that one becomes the writer. Then the victim execs.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  proc_sys_kernel(5), pid_max.
 */
#include "exec-race.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUND = 1024, RESERVED = 300 };

static const char *const shapes[] = { "single", "continuous", NULL };

static void reap(pid_t pid)
{
	if (waitpid(pid, NULL, 0) != pid)
		_exit(KIT_BROKEN);
}

/* A child with this number that runs the writer. */
static pid_t reuse(struct kit *kit, pid_t number, const struct kit_writer *writer)
{
	for (int i = 0; i < ROUND; i++) {
		pid_t pid = kit_fork(kit);

		if (pid == 0) {
			if (getpid() == number)
				kit_writer_run(writer);
			_exit(0);
		}
		if (pid == number)
			return pid;
		reap(pid);
	}
	_exit(KIT_BROKEN);
}

/* Of a process that has ended. Smaller numbers than RESERVED are given out only once. */
static pid_t use_up(struct kit *kit)
{
	for (;;) {
		pid_t pid = kit_fork(kit);

		if (pid == 0)
			_exit(0);
		reap(pid);
		if (pid >= RESERVED)
			return pid;
	}
}

static pid_t start(struct kit *kit, struct kit_writer *writer)
{
	return reuse(kit, use_up(kit), writer);
}

static void try_once(struct kit *kit, unsigned n)
{
	const struct exec_peer peer = { .continuous = kit_shape_is(kit, "continuous"),
					.start = start };

	exec_peer_trial(kit, &peer, n);
}

int main(int argc, char **argv)
{
	const struct exec_race race = { .try_once = try_once };

	return exec_race_run(argc, argv, shapes, &race);
}
