// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  the bit that makes a number one of x32 makes it a number that no rule names.
 * Steps:   a victim per trial opens EVIL by openat and open with that bit set.
 * Success: it reads EVIL from the file that it got.
 */
#include "race.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const shapes[] = { "plain", NULL };

#define X32_BIT 0x40000000

static int open_evil(unsigned n)
{
#ifdef __x86_64__
	if (n % 2)
		return race_read((int)syscall(X32_BIT + SYS_open, RACE_ROOM "/EVIL", O_RDONLY), n);
#endif
	return race_read((int)syscall(X32_BIT + SYS_openat, AT_FDCWD, RACE_ROOM "/EVIL", O_RDONLY),
			 n);
}

static int act(struct kit *kit, unsigned n)
{
	if (!kit->honest)
		return open_evil(n);
	return race_read(open(RACE_ROOM "/GOOD", O_RDONLY | O_CLOEXEC), n);
}

int main(int argc, char **argv)
{
	const struct race race = { .set_up = race_make_files, .act = act };

	return race_run(argc, argv, shapes, &race);
}
