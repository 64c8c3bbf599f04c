// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  the writer is nobody's child any more, or somebody else's: walking the caller's family does
 *          not find it.
 * Steps:   per trial a middle process makes the writer and ends at once (orphan), or makes it a child
 *          of its own parent (aunt); only then the victim gives the start signal and execs.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  clone(2), CLONE_PARENT; PR_SET_CHILD_SUBREAPER(2const).
 */
#include "exec-race.h"

#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const shapes[] = { "orphan", "aunt", "orphan-continuous", NULL };

static pid_t *who_writes; /* shared */

static void set_up(struct kit *kit)
{
	(void)kit;
	who_writes = kit_shared(sizeof(*who_writes));
}

static _Noreturn void be_writer(const struct kit_writer *writer)
{
	*who_writes = (pid_t)syscall(SYS_getpid);
	kit_writer_run(writer);
	_exit(0);
}

static _Noreturn void be_middle(const struct kit *kit, const struct kit_writer *writer)
{
	unsigned long flags = kit_shape_is(kit, "aunt") ? CLONE_PARENT | SIGCHLD : SIGCHLD;
	long pid = syscall(SYS_clone, flags, 0, 0, 0, 0);

	if (pid == 0)
		be_writer(writer);
	_exit(pid < 0 ? KIT_BROKEN : 0);
}

static pid_t start(struct kit *kit, struct kit_writer *writer)
{
	pid_t middle;
	int status;

	*who_writes = 0;
	middle = kit_fork(kit);
	if (middle == 0)
		be_middle(kit, writer);
	if (waitpid(middle, &status, 0) != middle || !WIFEXITED(status) || WEXITSTATUS(status))
		_exit(KIT_BROKEN);
	return 0; /* end_writer ends it */
}

/* An aunt is our own child, an orphan is not. */
static void end_writer(const struct kit *kit)
{
	if (*who_writes)
		kill(*who_writes, SIGKILL);
	if (kit_shape_is(kit, "aunt"))
		waitpid(*who_writes, NULL, 0);
}

static void try_once(struct kit *kit, unsigned n)
{
	const struct exec_peer peer = { .continuous = kit_shape_is(kit, "orphan-continuous"),
					.start = start };

	exec_peer_trial(kit, &peer, n);
	end_writer(kit);
}

int main(int argc, char **argv)
{
	const struct exec_race race = { .set_up = set_up, .try_once = try_once };

	return exec_race_run(argc, argv, shapes, &race);
}
