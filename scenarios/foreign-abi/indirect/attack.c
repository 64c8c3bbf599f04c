// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a call made through syscall(2) has its arguments one place later; who looks for the
 *          path where openat has it finds something else.
 * Steps:   as deep-args/path-rewrite, with openat made by syscall(2).
 * Success: the victim reads EVIL from the file that it got.
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
	(void)kit;
#ifdef __mips__
	return race_read((int)syscall(SYS_syscall, SYS_openat, AT_FDCWD, path, O_RDONLY), n);
#else
	(void)n;
	return ENOSYS; /* the lab leaves such arches out */
#endif
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
