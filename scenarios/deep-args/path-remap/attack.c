// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  who copies a path from a caller's memory may find another page there than the kernel,
 *          or none.
 * Steps:   a thread of the victim moves a page with EVIL over the one with GOOD; with
 *          continuous it goes back and forth, with nothing mapped in between.
 * Success: the victim reads EVIL from the file that it got.
 */
#include "race.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *const shapes[] = { "single", "continuous", NULL };

static char *page;
static _Alignas(4) char unused[4];

static void fill(const char *value)
{
	memcpy(page, RACE_ROOM "/", sizeof(RACE_ROOM "/"));
	memcpy(page + sizeof(RACE_ROOM "/") - 1, value, 5);
}

static void put(const struct kit_writer *writer, const char *value)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	char *next = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)writer;
	if (next == MAP_FAILED)
		_exit(KIT_BROKEN);
	memcpy(next, RACE_ROOM "/", sizeof(RACE_ROOM "/"));
	memcpy(next + sizeof(RACE_ROOM "/") - 1, value, 4);
	if (!strcmp(value, "GOOD"))
		munmap(page, size);
	if (mremap(next, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, page) == MAP_FAILED)
		_exit(KIT_BROKEN);
}

static void set_up(struct kit *kit)
{
	race_make_files(kit);
	page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		_exit(KIT_BROKEN);
	fill("GOOD");
}

static int act(struct kit *kit, unsigned n)
{
	(void)kit;
	return race_read(open(page, O_RDONLY | O_CLOEXEC), n);
}

int main(int argc, char **argv)
{
	const struct race race = { .word = unused, .put = put, .set_up = set_up, .act = act };

	return race_run(argc, argv, shapes, &race);
}
