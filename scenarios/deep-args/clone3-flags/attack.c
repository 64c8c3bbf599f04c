// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  struct clone_args is judged, then copied by the kernel; a sibling thread of the caller
 *          rewrites its flags in between.
 * Steps:   a victim per trial makes a child with clone3, and a thread sets CLONE_PARENT, by which
 *          the child gets another parent. Where there is no clone3 it takes clone.
 * Success: the child's parent is not the victim.
 */
#include "race.h"
#include "broken.h"

#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const shapes[] = { "single", "continuous", NULL };

static struct clone_args args; /* no exit signal: CLONE_PARENT takes none */
static _Alignas(4) char unused[4];

static void put(const struct kit_writer *writer, const char *value)
{
	(void)writer;
	/* Only the lower half changes, so that it takes effect at once on every arch. */
	*(volatile __u64 *)&args.flags = strcmp(value, "EVIL") ? 0 : CLONE_PARENT;
}

static int act(struct kit *kit, unsigned n)
{
	pid_t self = getpid();
	long child = syscall(SYS_clone3, &args, sizeof(args));

	(void)kit;
	if (child < 0 && errno == ENOSYS && n > 0)
		child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (child < 0)
		return errno;
	if (child == 0) {
		/* The C library's getppid would do as well; its getpid may not. */
		race_got(n, syscall(SYS_getppid) == self ? "GOOD" : "EVIL");
		_exit(0);
	}
	/* ECHILD: it is another's. */
	if (waitpid((pid_t)child, NULL, __WALL) < 0 && errno != ECHILD)
		kit_broken("waitpid");
	return 0;
}

int main(int argc, char **argv)
{
	const struct race race = { .word = unused, .put = put, .act = act };

	return race_run(argc, argv, shapes, &race);
}
