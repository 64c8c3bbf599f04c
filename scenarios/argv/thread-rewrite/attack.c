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
#include "kit.h"

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

	if (pthread_create(&thread, NULL, write_it, writer))
		_exit(KIT_BROKEN);
	kit_demote(); /* after the thread was made: it would inherit this */
	kit_writer_start(writer);
	kit_exec_witness(kit, word, n);
}

int main(int argc, char **argv)
{
	struct kit kit;

	kit_begin(&kit, argc, argv, shapes);
	kit_warm_up(&kit);
	if (!kit.honest && !kit_probe(&kit))
		return 1;
	for (unsigned n = 1; n <= kit.trials; n++) {
		struct kit_writer writer;
		pid_t victim;

		kit_writer_init(&kit, &writer, word, kit_shape_is(&kit, "continuous"));
		victim = kit_fork(&kit);
		if (victim == 0)
			be_victim(&kit, &writer, n);
		kit_writer_close(&writer);
		kit_outcome(&kit, victim, n, "trial");
	}
	return 0;
}
