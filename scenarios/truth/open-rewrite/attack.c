// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  who is told of an openat(2) and then reads the path says what the caller's memory holds by
 *          now, not what was opened.
 * Steps:   a path of GOOD or EVIL, openat(2), and the victim, or a thread of it, writes the other word.
 * Success: what is said of the call is not the file that fstat(2) finds behind the descriptor.
 * Source:  strace and other tracers; the classic check and use.
 */
#include "race.h"
#include "watch-files.h"

#include <sys/syscall.h>

#define WORD_AT (sizeof(RACE_ROOM "/") - 1)

static _Alignas(4) char path[] = RACE_ROOM "/GOOD";
_Static_assert(WORD_AT % 4 == 0, "the word changes in one store");

static void put(const char *word)
{
	kit_store(path + WORD_AT, word);
}

static const char *act(void)
{
	return watch_files_open(path);
}

static const char *found(pid_t victim, uint64_t address)
{
	return watch_read(victim, address, WORD_AT);
}

int main(int argc, char **argv)
{
	static const struct watch watch = {
		.kind = PF_OPEN,
		.number = SYS_openat,
		.argument = 1,
		.set_up = watch_files_make,
		.put = put,
		.act = act,
		.told = watch_files_told,
		.found = found,
	};

	return watch_run(argc, argv, &watch);
}
