// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  the numbers of i386 are not those of x86_64: 5 is open for one and fstat for the other.
 * Steps:   a victim per trial opens EVIL by int $0x80, from 64-bit code, its path below 4 GiB.
 * Success: it reads EVIL from the file that it got.
 */
#include "race.h"
#include "broken.h"
#include "int80.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

static const char *const shapes[] = { "plain", NULL };

#define I386_OPEN 5

#ifndef MAP_32BIT
#define MAP_32BIT 0 /* the lab leaves such arches out */
#endif

static int open_evil(unsigned n)
{
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long fd;

	if (low == MAP_FAILED)
		kit_broken("mmap");
	memcpy(low, RACE_ROOM "/EVIL", sizeof(RACE_ROOM "/EVIL"));
	fd = int80(I386_OPEN, (long)low, O_RDONLY, 0);
	return fd < 0 ? (int)-fd : race_read((int)fd, n);
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
