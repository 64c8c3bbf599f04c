// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a path is compared as it is written; another way of writing it leads to the same file.
 * Steps:   per trial one more way: dots, slashes and links of directories (dots); relative to a
 *          directory, also with rubbish above the lower 32 bits of its number (directory); through
 *          links of /proc that only the kernel can follow (proc); through a root (root).
 * Success: the victim reads EVIL from the file that it got.
 */
#include "race.h"
#include "broken.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const shapes[] = { "dots", "directory", "proc", "root", NULL };

static const char *word;

static int open_with_dots(unsigned n)
{
	static const char *const ways[] = { "/tmp/../tmp/pf", "/tmp//pf//", "/tmp/pf/.",
					    "/../tmp/pf/self/..", "/tmp/pf/self/self" };
	char path[64];

	/* The link leads to its own directory, so `..` behind it leads out of that. */
	snprintf(path, sizeof(path), "%s%s/%s", ways[n % 5], n % 5 == 3 ? "/pf" : "", word);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static int open_from_directory(unsigned n)
{
	int fd = open(RACE_ROOM, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	unsigned long dirty = (unsigned long)(unsigned)fd;

	if (fd < 0 || chdir(RACE_ROOM) < 0)
		kit_broken(RACE_ROOM);
	if (n % 3 == 0)
		return open(word, O_RDONLY | O_CLOEXEC);
	if (n % 3 == 1)
		return openat(fd, word, O_RDONLY | O_CLOEXEC);
#if __SIZEOF_LONG__ == 8
	dirty |= 0xbad0bad0ul << 32; /* an int is no longer */
#endif
	return (int)syscall(SYS_openat, dirty, word, O_RDONLY);
}

static int open_by_proc(unsigned n)
{
	char path[64];
	int fd = open(RACE_ROOM, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || chdir(RACE_ROOM) < 0)
		kit_broken(RACE_ROOM);
	if (n % 3 == 0)
		snprintf(path, sizeof(path), "/proc/self/cwd/%s", word);
	else if (n % 3 == 1)
		snprintf(path, sizeof(path), "/proc/thread-self/cwd/%s", word);
	else
		snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", fd, word);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static int open_by_root(unsigned n)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/%sroot/tmp/pf/%s", n % 2 ? "" : "task/../", word);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static int act(struct kit *kit, unsigned n)
{
	word = kit->honest ? "GOOD" : "EVIL";
	if (kit_shape_is(kit, "dots"))
		return race_read(open_with_dots(n), n);
	if (kit_shape_is(kit, "directory"))
		return race_read(open_from_directory(n), n);
	if (kit_shape_is(kit, "proc"))
		return race_read(open_by_proc(n), n);
	return race_read(open_by_root(n), n);
}

static void set_up(struct kit *kit)
{
	race_make_files(kit);
	if (symlink(".", RACE_ROOM "/self") < 0 && errno != EEXIST)
		kit_broken("symlink");
}

int main(int argc, char **argv)
{
	const struct race race = { .set_up = set_up, .act = act };

	return race_run(argc, argv, shapes, &race);
}
