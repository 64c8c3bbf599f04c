// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  struct open_how is judged, then copied by the kernel; a sibling thread of the caller
 *          rewrites its flags in between.
 * Steps:   a victim per trial opens a file for reading, and a thread turns that into writing.
 * Success: the file that it got can be written.
 */
#include "race.h"
#include "broken.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const shapes[] = { "single", "continuous", NULL };

static struct open_how how;
static _Alignas(4) char unused[4];

static void put(const struct kit_writer *writer, const char *value)
{
	(void)writer;
	/* Only the lower half changes, so that it takes effect at once on every arch. */
	*(volatile __u64 *)&how.flags = strcmp(value, "EVIL") ? O_RDONLY : O_RDWR;
}

static int act(struct kit *kit, unsigned n)
{
	long fd = syscall(SYS_openat2, AT_FDCWD, RACE_ROOM "/GOOD", &how, sizeof(how));

	(void)kit;
	if (fd < 0)
		return errno;
	race_got(n, (fcntl((int)fd, F_GETFL) & O_ACCMODE) == O_RDONLY ? "GOOD" : "EVIL");
	return 0;
}

int main(int argc, char **argv)
{
	const struct race race = {
		.word = unused, .put = put, .set_up = race_make_files, .act = act
	};

	return race_run(argc, argv, shapes, &race);
}
