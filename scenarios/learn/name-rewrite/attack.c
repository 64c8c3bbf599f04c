// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  the name that a mkdir makes is judged, then copied by the kernel; a sibling thread of the
 *          caller rewrites it in between.
 * Steps:   a victim per trial makes a directory whose name is being rewritten from GOOD to EVIL, each
 *          with the trial's number behind it.
 * Success: the directory EVIL is there.
 * Source:  seccomp_unotify(2), "Caveats regarding the use of SECCOMP_USER_NOTIF_FLAG_CONTINUE".
 */
#include "race.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As many as the profile has names for. */
#define NAMES 32u

#define BEFORE "/tmp/"

static const char *const shapes[] = { "single", "continuous", NULL };

/* The word is aligned, the path before it is not. */
static _Alignas(4) char room[sizeof("...") - 1 + sizeof(BEFORE "GOOD00")] = "..." BEFORE "GOOD00";
static char *const path = room + 3;

static void name_it(struct kit *kit, unsigned n)
{
	char digits[3];

	(void)kit;
	snprintf(digits, sizeof(digits), "%02u", n % NAMES);
	memcpy(path + sizeof(BEFORE "GOOD") - 1, digits, 2);
}

/* Each of the two is there or not: what was there before the call is remembered. */
static bool is_there(const char *word, unsigned n)
{
	char name[sizeof(BEFORE "GOOD00")];
	struct stat st;

	snprintf(name, sizeof(name), BEFORE "%s%02u", word, n % NAMES);
	return lstat(name, &st) == 0;
}

static int act(struct kit *kit, unsigned n)
{
	bool before = is_there("EVIL", n);
	int error;

	(void)kit;
	error = syscall(SYS_mkdirat, AT_FDCWD, path, 0700) < 0 ? errno : 0;
	if (!before && is_there("EVIL", n))
		race_got(n, "EVIL");
	else if (!error)
		race_got(n, "GOOD");
	return error;
}

/* So that the number can be used again. */
static void remove_it(struct kit *kit, unsigned n)
{
	char name[sizeof(BEFORE "GOOD00")];

	(void)kit;
	snprintf(name, sizeof(name), BEFORE "GOOD%02u", n % NAMES);
	(void)rmdir(name);
}

int main(int argc, char **argv)
{
	_Static_assert((3 + sizeof(BEFORE) - 1) % 4 == 0, "the word is aligned");
	const struct race race = {
		.word = room + 3 + sizeof(BEFORE) - 1,
		.before = name_it,
		.act = act,
		.after = remove_it,
	};

	return race_run(argc, argv, shapes, &race);
}
