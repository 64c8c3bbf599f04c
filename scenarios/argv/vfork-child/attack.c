// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  the exec is a vfork child's, whose memory is its parent's; a thread of the parent, in
 *          another thread group than the caller, rewrites argv[1].
 * Steps:   a fresh process per trial starts the writing thread, then makes a child with CLONE_VM and
 *          CLONE_VFORK that gives the start signal and execs the witness.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  vfork(2).
 */
#include "exec-race.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const shapes[] = { "single", "continuous", NULL };

static _Alignas(4) char word[] = "GOOD";
static _Alignas(16) char stack[65536];

struct trial {
	struct kit *kit;
	struct kit_writer writer;
	unsigned n;
};

static void *write_it(void *writer)
{
	kit_writer_run(writer);
	return NULL;
}

static int be_victim(void *argument)
{
	struct trial *trial = argument;

	exec_race_victim(trial->kit, &trial->writer, trial->n);
}

/* Between the main program and the victim; it sleeps in vfork(2) until the exec. */
static _Noreturn void be_parent(struct trial *trial)
{
	pthread_t thread;
	pid_t victim;

	if (pthread_create(&thread, NULL, write_it, &trial->writer))
		_exit(KIT_BROKEN);
	victim = clone(be_victim, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, trial);
	if (victim < 0)
		_exit(KIT_BROKEN);
	kit_outcome(trial->kit, victim, trial->n, "trial");
	_exit(0);
}

static void try_once(struct kit *kit, unsigned n)
{
	struct trial trial = { .kit = kit, .n = n };
	pid_t parent;

	kit_writer_init(kit, &trial.writer, word, kit_shape_is(kit, "continuous"));
	parent = kit_fork(kit);
	if (parent == 0)
		be_parent(&trial);
	kit_writer_close(&trial.writer);
	if (waitpid(parent, NULL, 0) != parent)
		_exit(KIT_BROKEN);
}

int main(int argc, char **argv)
{
	const struct exec_race race = { .try_once = try_once };

	return exec_race_run(argc, argv, shapes, &race);
}
