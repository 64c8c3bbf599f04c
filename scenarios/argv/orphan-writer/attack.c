// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  the writer is nobody's child any more, or somebody else's: walking the caller's family does
 *          not find it.
 * Steps:   per trial a middle process makes the writer and ends at once (orphan), or makes it a child
 *          of its own parent (aunt); only then the victim gives the start signal and execs.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  clone(2), CLONE_PARENT; PR_SET_CHILD_SUBREAPER(2const).
 */
#include "kit.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const shapes[] = { "orphan", "aunt", "orphan-continuous", NULL };

struct shared {
	_Alignas(4) char word[8];
	pid_t writer;
};

static _Noreturn void be_writer(struct shared *shared, const struct kit_writer *writer)
{
	shared->writer = (pid_t)syscall(SYS_getpid);
	kit_writer_run(writer);
	_exit(0);
}

static _Noreturn void be_middle(const struct kit *kit, struct shared *shared,
				const struct kit_writer *writer)
{
	unsigned long flags = kit_shape_is(kit, "aunt") ? CLONE_PARENT | SIGCHLD : SIGCHLD;
	long pid = syscall(SYS_clone, flags, 0, 0, 0, 0);

	if (pid == 0)
		be_writer(shared, writer);
	_exit(pid < 0 ? KIT_BROKEN : 0);
}

/* An aunt is our own child, an orphan is not. */
static void end_writer(const struct kit *kit, const struct shared *shared)
{
	if (shared->writer)
		kill(shared->writer, SIGKILL);
	if (kit_shape_is(kit, "aunt"))
		waitpid(shared->writer, NULL, 0);
}

static void try_once(struct kit *kit, struct shared *shared, unsigned n)
{
	struct kit_writer writer;
	pid_t middle, victim;
	int status;

	memcpy(shared->word, "GOOD", 5);
	shared->writer = 0;
	kit_writer_init(kit, &writer, shared->word, kit_shape_is(kit, "orphan-continuous"));
	middle = kit_fork(kit);
	if (middle == 0)
		be_middle(kit, shared, &writer);
	if (waitpid(middle, &status, 0) != middle || !WIFEXITED(status) || WEXITSTATUS(status))
		_exit(KIT_BROKEN);
	victim = kit_fork(kit);
	if (victim == 0) {
		kit_demote();
		kit_writer_start(&writer);
		kit_exec_witness(kit, shared->word, n);
	}
	kit_outcome(kit, victim, n, "trial");
	kit_writer_close(&writer);
	end_writer(kit, shared);
}

int main(int argc, char **argv)
{
	struct kit *kit =
		kit_shared(sizeof(*kit)); /* aim is taken by whoever waits for the victim */
	struct shared *shared = kit_shared(sizeof(*shared));

	kit_begin(kit, argc, argv, shapes);
	kit_warm_up(kit);
	if (!kit->honest && !kit_probe(kit))
		return 1;
	for (unsigned n = 1; n <= kit->trials; n++)
		try_once(kit, shared, n);
	return 0;
}
