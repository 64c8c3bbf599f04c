// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  an index keyed by pid alone believes that it has the writer already, or that it is dead: it
 *          is not frozen.
 * Steps:   pid_max is low. Per trial a process is made and ends; children are made and end until one has
 *          the same number: that one becomes the writer. Then the victim execs.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  proc_sys_kernel(5), pid_max.
 */
#include "kit.h"

#include <signal.h>
#include <string.h>
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

static void try_once(struct kit *kit, char *word, unsigned n)
{
	struct kit_writer writer;
	pid_t number, victim;

	memcpy(word, "GOOD", 5);
	kit_writer_init(kit, &writer, word, kit_shape_is(kit, "continuous"));
	number = use_up(kit);
	reuse(kit, number, &writer);
	victim = kit_fork(kit);
	if (victim == 0) {
		kit_demote();
		kit_writer_start(&writer);
		kit_exec_witness(kit, word, n);
	}
	kit_outcome(kit, victim, n, "trial");
	kit_peer_stop(number, &writer);
}

int main(int argc, char **argv)
{
	struct kit *kit =
		kit_shared(sizeof(*kit)); /* aim is taken by whoever waits for the victim */
	char *word = kit_shared(4096);

	kit_begin(kit, argc, argv, shapes);
	kit_warm_up(kit);
	if (!kit->honest && !kit_probe(kit))
		return 1;
	for (unsigned n = 1; n <= kit->trials; n++)
		try_once(kit, word, n);
	return 0;
}
