// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  PTRACE_TRACEME makes the parent the tracer, and tells it of nothing. Orphans are the warden's
 *          children: one that has asked for that looks as if the warden had seized it, and its child
 *          is neither traced nor told of.
 * Steps:   per trial an orphan asks its parent to trace it and makes a child. The first thing that does
 *          is to read the clock; it reports that instant, then execs the witness.
 * Success: the child was born before the supervisor registered its pid.
 * Source:  ptrace(2), PTRACE_TRACEME.
 */
#include "exec-race.h"
#include "broken.h"

#include <errno.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const shapes[] = { "plain", NULL };

/* Ends with its child, or with why it has none. */
static _Noreturn void be_orphan(struct newborn *child, pid_t middle)
{
	struct kit *kit = child->kit;
	pid_t pid;

	while (getppid() == middle)
		kit_sleep_ns(kit->pace_ns / 4 + 1);
	/* Who is traced already cannot ask for it: then its child is seen like any other. */
	if (!kit->honest)
		(void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	pid = fork();
	if (pid == 0)
		exec_race_newborn(child);
	*kit->exec_errno = pid < 0 ? errno : 0;
	if (pid > 0 && waitpid(pid, NULL, 0) != pid)
		kit_broken("waitpid");
	_exit(0);
}

static void try_once(struct kit *kit, unsigned n)
{
	struct newborn child = { .kit = kit, .n = n };
	int done[2]; /* ends when the orphan does, its child, and its program */
	pid_t middle;
	char byte;

	if (pipe(done))
		kit_broken("pipe");
	middle = kit_fork(kit);
	if (middle == 0) {
		pid_t self = getpid();

		if (fork() == 0)
			be_orphan(&child, self);
		_exit(0);
	}
	close(done[1]);
	if (waitpid(middle, NULL, 0) != middle || read(done[0], &byte, 1) != 0)
		kit_broken("the orphan");
	close(done[0]);
	kit_tell(kit, n, "trial", *kit->exec_errno ? "refused" : "ran");
}

int main(int argc, char **argv)
{
	const struct exec_race race = { .try_once = try_once };

	return exec_race_run(argc, argv, shapes, &race);
}
