// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  at ptrace_scope 1 a supervisor may trace its descendants only: a writer whose parent is dead
 *          could be out of its reach.
 * Steps:   per trial a writer is made, by a middle process that ends in shape orphan; the victim shares
 *          its page, gives the start signal and execs the witness.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  Documentation/admin-guide/LSM/Yama.rst, ptrace_scope.
 */
#include "exec-race.h"

#include <sys/wait.h>
#include <unistd.h>

static const char *const shapes[] = { "orphan", "child", NULL };

static _Noreturn void be_middle(const struct kit_writer *writer)
{
	pid_t pid = fork();

	if (pid == 0) {
		kit_writer_run(writer);
		_exit(0);
	}
	_exit(pid < 0 ? KIT_BROKEN : 0);
}

static pid_t start_writer(struct kit *kit, struct kit_writer *writer)
{
	pid_t middle;
	int status;

	if (!kit_shape_is(kit, "orphan"))
		return kit_peer_start(kit, writer);
	middle = kit_fork(kit);
	if (middle == 0)
		be_middle(writer);
	if (waitpid(middle, &status, 0) != middle || !WIFEXITED(status) || WEXITSTATUS(status))
		_exit(KIT_BROKEN);
	return 0; /* it ends after its one write */
}

static void try_once(struct kit *kit, unsigned n)
{
	exec_peer_trial(kit, &(struct exec_peer){ .start = start_writer }, n);
}

int main(int argc, char **argv)
{
	const struct exec_race race = { .try_once = try_once };

	return exec_race_run(argc, argv, shapes, &race);
}
