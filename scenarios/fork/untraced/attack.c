// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  clone(CLONE_UNTRACED) raises no ptrace event, so its child escapes whoever relies on them.
 * Steps:   per trial one such child; where it is refused, one by fork(2), as programs do. The first
 *          thing it does is to read the clock; it reports that instant, then execs the witness.
 * Success: the child was born before the supervisor registered its pid.
 * Source:  clone(2), CLONE_UNTRACED.
 */
#include "exec-race.h"

#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const shapes[] = { "plain", "vm", NULL };

static _Alignas(16) char stack[65536];

static pid_t make_untraced(struct newborn *child)
{
	int flags = CLONE_UNTRACED | CLONE_VFORK | SIGCHLD;

	if (kit_shape_is(child->kit, "vm"))
		flags |= CLONE_VM;
	return clone(exec_race_cloned, stack + sizeof(stack), flags, child);
}

static void try_once(struct kit *kit, unsigned n)
{
	struct newborn child = { .kit = kit, .n = n };
	pid_t pid = -1;

	*kit->exec_errno = 0;
	if (!kit->honest)
		pid = make_untraced(&child);
	if (pid < 0)
		pid = kit_fork(kit);
	if (pid == 0)
		exec_race_newborn(&child);
	kit_outcome(kit, pid, n, "trial");
}

int main(int argc, char **argv)
{
	const struct exec_race race = { .try_once = try_once };

	return exec_race_run(argc, argv, shapes, &race);
}
