// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  who is told of an openat(2) and then reads the path says what the caller's memory holds by
 *          now, not what was opened.
 * Steps:   a path of GOOD or EVIL, openat(2), and the victim, or a thread of it, writes the other word. Some
 *          paths are longer than a record.
 * Success: what is said of the call is not the file that fstat(2) finds behind the descriptor, or not the
 *          beginning of its path with the word that there is more.
 * Source:  strace and other tracers; the classic check and use.
 */
#include "watch-files.h"

#include <sys/syscall.h>

static _Alignas(4) char path[WATCH_FILES_MOST];
static size_t word_at; /* a multiple of four: the word changes in one store */

static void set_up(void)
{
	watch_files_make();
	word_at = watch_files_path(path);
}

static void put(const char *word)
{
	kit_store(path + word_at, word);
}

static const char *act(void)
{
	return watch_files_open(path);
}

static const char *found(pid_t victim, uint64_t address)
{
	return watch_read(victim, address, word_at);
}

int main(int argc, char **argv)
{
	static const struct watch watch = {
		.kind = PF_OPEN,
		.number = SYS_openat,
		.argument = 1,
		.set_up = set_up,
		.lengthen = watch_files_lengthen,
		.put = put,
		.act = act,
		.told = watch_files_told,
		.found = found,
	};

	return watch_run(argc, argv, &watch);
}
