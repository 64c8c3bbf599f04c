// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  the path stays what it was, and leads elsewhere: who resolves it once more finds another file
 *          than the one that was opened.
 * Steps:   openat(2) of a symbolic link to GOOD or EVIL; the victim, or a thread of it, has the name lead
 *          to the other by a rename.
 * Success: what is said of the call is not the file that fstat(2) finds behind the descriptor.
 * Source:  tracers that look the path up again; symlink races.
 */
#include "broken.h"
#include "race.h"
#include "watch-files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LINK RACE_ROOM "/link"

static void put(const char *word)
{
	if ((unlink(LINK "-new") && errno != ENOENT) || symlink(word, LINK "-new") ||
	    rename(LINK "-new", LINK))
		kit_broken(LINK);
}

static void set_up(void)
{
	watch_files_make();
	put("GOOD");
}

static const char *act(void)
{
	return watch_files_open(LINK);
}

/* The path is the same at all times, so it need not be read: it is looked up. */
static const char *found(pid_t victim, uint64_t address)
{
	char resolved[PATH_MAX];

	(void)victim;
	(void)address;
	if (!realpath(LINK, resolved) || strlen(resolved) < 4)
		kit_broken(LINK);
	return watch_word(resolved + strlen(resolved) - 4);
}

int main(int argc, char **argv)
{
	static const struct watch watch = {
		.kind = PF_OPEN,
		.number = SYS_openat,
		.argument = 1,
		.set_up = set_up,
		.put = put,
		.act = act,
		.told = watch_files_told,
		.found = found,
	};

	return watch_run(argc, argv, &watch);
}
