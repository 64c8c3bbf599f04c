// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a thread that is not the leader execs; its number ceases to be, and the kernel ends the
 *          leader, which rewrites argv[1] until then.
 * Steps:   a fresh process per trial starts the thread that execs; the leader is the writer, or
 *          leaves writing to a third thread and ends itself.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  execve(2), "Effect on process attributes"; ptrace(2), "execve(2) under ptrace".
 */
#include "exec-race.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const shapes[] = { "single", "continuous", "leaderless", NULL };

static _Alignas(4) char word[] = "GOOD";

struct trial {
	struct kit *kit;
	struct kit_writer writer;
	unsigned n;
};

static void *exec_it(void *argument)
{
	struct trial *trial = argument;

	exec_race_victim(trial->kit, &trial->writer, trial->n);
}

static void *write_it(void *writer)
{
	kit_writer_run(writer);
	return NULL;
}

static void start(void *(*body)(void *), void *argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, body, argument))
		_exit(KIT_BROKEN);
}

static _Noreturn void be_leader(struct trial *trial)
{
	bool leaderless = kit_shape_is(trial->kit, "leaderless");

	if (leaderless)
		start(write_it, &trial->writer);
	start(exec_it, trial);
	if (leaderless)
		syscall(SYS_exit, 0); /* this thread alone */
	kit_writer_run(&trial->writer);
	for (;;)
		pause();
}

static void try_once(struct kit *kit, unsigned n)
{
	static struct trial trial; /* its threads outlive the leader's stack frame */
	pid_t victim;

	trial = (struct trial){ .kit = kit, .n = n };
	kit_writer_init(kit, &trial.writer, word, !kit_shape_is(kit, "single"));
	victim = kit_fork(kit);
	if (victim == 0)
		be_leader(&trial);
	kit_writer_close(&trial.writer);
	kit_outcome(kit, victim, n, "trial");
}

int main(int argc, char **argv)
{
	const struct exec_race race = { .try_once = try_once };

	return exec_race_run(argc, argv, shapes, &race);
}
