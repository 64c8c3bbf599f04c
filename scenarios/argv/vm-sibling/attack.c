// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  the writer is a process of its own (clone with CLONE_VM, without CLONE_THREAD) that shares
 *          the caller's memory: it is in no /proc/<caller>/task.
 * Steps:   a fresh process per trial makes the writer, makes itself the last in the queue for the
 *          CPU, gives the start signal and execs the witness with the word that is rewritten.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  clone(2), CLONE_VM.
 */
#include "exec-race.h"

#include <sched.h>

static const char *const shapes[] = { "single", "continuous", "sharing-all", NULL };

static _Alignas(4) char word[] = "GOOD";

static void try_once(struct kit *kit, unsigned n)
{
	int flags = CLONE_VM;
	struct kit_writer writer;
	pid_t victim;

	if (kit_shape_is(kit, "sharing-all"))
		flags |= CLONE_FS | CLONE_SIGHAND;
	kit_writer_init(kit, &writer, word, !kit_shape_is(kit, "single"));
	victim = kit_fork(kit);
	if (victim == 0) {
		/* Before we demote ourselves, which it would inherit. */
		kit_writer_clone(&writer, flags);
		exec_race_victim(kit, &writer, n);
	}
	kit_writer_close(&writer);
	kit_outcome(kit, victim, n, "trial");
}

int main(int argc, char **argv)
{
	const struct exec_race race = { .try_once = try_once };

	return exec_race_run(argc, argv, shapes, &race);
}
