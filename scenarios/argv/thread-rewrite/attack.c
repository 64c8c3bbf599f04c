// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  argv[1] is judged, then copied by the kernel; a sibling thread of the caller rewrites it
 *          from GOOD to EVIL in between.
 * Steps:   a fresh process per trial starts a thread, makes itself the last in the queue for the
 *          CPU, gives the thread the start signal and execs the witness with the word that it
 *          rewrites.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  seccomp_unotify(2), "Caveats regarding the use of SECCOMP_USER_NOTIF_FLAG_CONTINUE".
 */
#include "exec-race.h"

#include <pthread.h>
#include <unistd.h>

static const char *const shapes[] = { "single", "continuous", NULL };

static _Alignas(4) char word[] = "GOOD";

static void *write_it(void *writer)
{
	kit_writer_run(writer);
	return NULL;
}

static _Noreturn void be_victim(struct kit *kit, struct kit_writer *writer, unsigned n)
{
	pthread_t thread;

	/* Before we demote ourselves, which it would inherit. */
	if (pthread_create(&thread, NULL, write_it, writer))
		_exit(KIT_BROKEN);
	exec_race_victim(kit, writer, n);
}

static void try_once(struct kit *kit, unsigned n)
{
	struct kit_writer writer;
	pid_t victim;

	kit_writer_init(kit, &writer, word, kit_shape_is(kit, "continuous"));
	victim = kit_fork(kit);
	if (victim == 0)
		be_victim(kit, &writer, n);
	kit_writer_close(&writer);
	kit_outcome(kit, victim, n, "trial");
}

int main(int argc, char **argv)
{
	const struct exec_race race = { .try_once = try_once };

	return exec_race_run(argc, argv, shapes, &race);
}
