// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  after a failing exec a supervisor leaves peers stopped, or its watch on the caller confused,
 *          so that the next exec is not held.
 * Steps:   per trial a peer counts on and on; the victim fails to exec three times and waits each time
 *          for the count to move, then gives the start signal to a writer and execs the witness. A
 *          peer that stands still for long ends the victim without an exec.
 * Success: the witness runs and says that it was started with EVIL.
 */
#include "exec-race.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILURES = 3, PATIENCE = 100 };

static const char *const shapes[] = { "single", "continuous", NULL };

static atomic_uint *count; /* shared */

static void set_up(struct kit *kit)
{
	(void)kit;
	count = kit_shared(sizeof(*count));
}

static _Noreturn void count_on(const struct kit *kit)
{
	for (;;) {
		kit_sleep_ns(kit->pace_ns / 4);
		atomic_fetch_add(count, 1);
	}
}

static void fail_once(const struct kit *kit)
{
	char *argv[] = { "nothing", "GOOD", NULL }, *envp[] = { NULL };
	unsigned before;

	execve("/nonexistent/program", argv, envp);
	before = atomic_load(count);
	for (int i = 0; atomic_load(count) == before; i++) {
		if (i == PATIENCE)
			_exit(KIT_BROKEN);
		kit_sleep_ns(kit->pace_ns);
	}
}

static void fail_often(struct kit *kit)
{
	for (int i = 0; i < FAILURES; i++)
		fail_once(kit);
}

static void try_once(struct kit *kit, unsigned n)
{
	const struct exec_peer peer = { .continuous = kit_shape_is(kit, "continuous"),
					.ready = fail_often };
	pid_t counter = kit_fork(kit);

	if (counter == 0)
		count_on(kit);
	exec_peer_trial(kit, &peer, n);
	if (kill(counter, SIGKILL) || waitpid(counter, NULL, 0) != counter)
		_exit(KIT_BROKEN);
}

int main(int argc, char **argv)
{
	const struct exec_race race = { .set_up = set_up, .try_once = try_once };

	return exec_race_run(argc, argv, shapes, &race);
}
