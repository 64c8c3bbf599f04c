// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  the path of an open is judged, then copied by the kernel; a sibling thread of the caller
 *          rewrites it in between.
 * Steps:   a victim per trial opens the file by a path whose last word is being rewritten from GOOD
 *          to EVIL, with openat in some schedules and open in others.
 * Success: it reads EVIL from the file that it got.
 * Source:  seccomp_unotify(2), "Caveats regarding the use of SECCOMP_USER_NOTIF_FLAG_CONTINUE".
 */
#include "race.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const shapes[] = { "single", "continuous", NULL };

static _Alignas(4) char path[] = RACE_ROOM "/GOOD";

static int act(struct kit *kit, unsigned n)
{
#ifndef SYS_open
	(void)kit;
#else
	/* One call in a schedule: aim that is taken at one misses the other, which is judged sooner or later. */
	if (kit->seed % 2)
		return race_read((int)syscall(SYS_open, path, O_RDONLY), n);
#endif
	return race_read((int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY), n);
}

int main(int argc, char **argv)
{
	_Static_assert(sizeof(RACE_ROOM "/") % 4 == 1, "the word is aligned");
	const struct race race = {
		.word = path + sizeof(RACE_ROOM "/") - 1,
		.set_up = race_make_files,
		.act = act,
	};

	return race_run(argc, argv, shapes, &race);
}
