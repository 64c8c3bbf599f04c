// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  clone3's flags lie in memory: harmless when they are judged, CLONE_UNTRACED when the kernel
 *          copies them. A supervisor that lets clone3 through cannot know what it made.
 * Steps:   per trial one child by clone3, while a thread flips the flags in shape flipped; where clone3
 *          does not exist, by fork(2), as the C library does.
 * Success: the child was born before the supervisor registered its pid.
 * Source:  clone(2), clone3.
 */
#include "exec-race.h"

#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const shapes[] = { "plain", "flipped", NULL };

static struct clone_args request = { .exit_signal = SIGCHLD };

/* Sleeps in between: on one CPU a thread that spins keeps everybody else away. */
static void *flip(void *kit)
{
	volatile __aligned_u64 *flags = &request.flags;

	for (;;) {
		*flags = *flags ? 0 : CLONE_UNTRACED;
		kit_sleep_ns(((struct kit *)kit)->pace_ns / 8 + 1);
	}
	return NULL;
}

static void try_once(struct kit *kit, unsigned n)
{
	struct newborn child = { kit, n, "clone3" };
	long pid = -1;

	*kit->exec_errno = 0;
	if (!kit->honest)
		pid = syscall(SYS_clone3, &request, sizeof(request));
	if (pid < 0) {
		child.by = "fork";
		pid = fork();
	}
	if (pid == 0)
		exec_race_newborn(&child);
	if (pid < 0)
		_exit(KIT_BROKEN);
	kit_outcome(kit, (pid_t)pid, n, "trial");
}

static void armed(struct kit *kit)
{
	pthread_t thread;

	if (kit_shape_is(kit, "flipped") && pthread_create(&thread, NULL, flip, kit))
		_exit(KIT_BROKEN);
}

int main(int argc, char **argv)
{
	const struct exec_race race = { .armed = armed, .try_once = try_once };

	return exec_race_run(argc, argv, shapes, &race);
}
