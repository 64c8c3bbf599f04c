// SPDX-License-Identifier: Apache-2.0
#include "any-call.h"
#include "broken.h"
#include "race.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TOLD_MOST   200
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

bool any_failed;
int any_room;

/* The first ones lead to what is allowed. */
static const char *const paths[] = {
	RACE_ROOM "/GOOD",
	"GOOD",
	"./../pf/GOOD",
	"link",
	"here/GOOD",
	"/proc/self/cwd/GOOD",
	"/tmp//pf/./GOOD",
	RACE_ROOM "/EVIL",
	"EVIL",
	"here/../pf/EVIL",
	"evil-link",
	"/proc/self/cwd/EVIL",
	"/proc/thread-self/root/tmp/pf/EVIL",
	"loop",
	"missing",
	"dangling",
	"here",
	"here/",
	"GOOD/",
	"GOOD/x",
	"new",
	"here/new",
	"closed",
	"closed/x",
	"/dev/null",
	"/proc/self/exe",
	"",
	".",
	"..",
	"/",
	"missing/new",
	"new/",
};

#define HONEST_PATHS 7

static const int open_flags[] = {
	O_WRONLY,   O_RDWR,    O_CREAT, O_EXCL,	  O_TRUNC,   O_APPEND,	O_NONBLOCK, O_DIRECTORY,
	O_NOFOLLOW, O_CLOEXEC, O_SYNC,	O_NOCTTY, O_NOATIME, O_TMPFILE, 1 << 28,
};

static const uint64_t resolves[] = { 0,
				     0,
				     RESOLVE_BENEATH,
				     RESOLVE_IN_ROOT,
				     RESOLVE_NO_SYMLINKS,
				     RESOLVE_NO_MAGICLINKS,
				     RESOLVE_NO_XDEV,
				     1 << 20 };

void any_did(unsigned n, const char *call, int err, const char *got)
{
	struct jsonl j;

	any_failed |= err != 0;
	kit_event(&j, n, "did");
	jsonl_str(&j, "call", call, strlen(call));
	jsonl_int(&j, "errno", err);
	jsonl_str(&j, "got", got, strlen(got));
	kit_send(&j);
}

/* What is behind a new descriptor. That O_NOFOLLOW was given is not told of every file. */
static void did_open(unsigned n, const char *call, long fd)
{
	char got[TOLD_MOST], name[80] = "", link[32];
	struct stat st;
	ssize_t size;

	if (fd < 0)
		return any_did(n, call, errno, "");
	snprintf(link, sizeof(link), "/proc/self/fd/%d", (int)fd);
	size = readlink(link, name, sizeof(name) - 1);
	if (fstat((int)fd, &st) || size < 0)
		kit_broken("what was opened");
	/* A nameless file is called by its number. */
	snprintf(got, sizeof(got), "%ld %.*s mode %o size %ld flags %x %x", fd,
		 st.st_nlink ? (int)size : 0, name, (unsigned)st.st_mode,
		 S_ISREG(st.st_mode) ? (long)st.st_size : 0,
		 (unsigned)fcntl((int)fd, F_GETFL) & ~(unsigned)O_NOFOLLOW,
		 (unsigned)fcntl((int)fd, F_GETFD));
	any_did(n, call, 0, got);
	if (n % 3) /* else the next number is another one */
		close((int)fd);
}

/* Longer than any path may be. */
static const char *long_path(void)
{
	static char path[5000];

	memset(path, '/', sizeof(path) - 1);
	return path;
}

static const char *choose_path(struct kit *kit)
{
	uint64_t which = kit_below(kit, COUNT(paths)), chance = kit_below(kit, 24);

	if (kit->honest)
		return paths[which % HONEST_PATHS];
	if (chance == 0)
		return (const char *)ANY_NOWHERE;
	return chance == 1 ? long_path() + kit_below(kit, 2000) : paths[which];
}

static int choose_flags(struct kit *kit)
{
	int flags = 0;

	for (unsigned i = 0; i < COUNT(open_flags); i++)
		if (kit_one_in(kit, 7) && !kit->honest)
			flags |= open_flags[i];
	return flags;
}

void any_open(struct kit *kit, unsigned n)
{
	const char *path = choose_path(kit);
	int flags = choose_flags(kit), mode = (int)kit_below(kit, 01000);
	uint64_t which = kit_below(kit, 8), dir = kit_below(kit, 8);
	int dirfd = dir < 5 ? AT_FDCWD : any_room;

	if (dir == 7 && !kit->honest)
		dirfd = kit_one_in(kit, 2) ? 77 : STDERR_FILENO;
	(void)which; /* not every arch has the older calls */
#ifdef SYS_open
	if (which < 2)
		return did_open(n, "open", syscall(SYS_open, path, flags, mode));
#endif
#ifdef SYS_creat
	if (which == 2 && !kit->honest)
		return did_open(n, "creat", syscall(SYS_creat, path, mode));
#endif
	did_open(n, "openat", syscall(SYS_openat, dirfd, path, flags, mode));
}

void any_openat2(struct kit *kit, unsigned n)
{
	struct {
		struct open_how how;
		uint64_t more;
	} big = { 0 };
	const char *path = choose_path(kit);
	uint64_t size = sizeof(big.how), chance = kit_below(kit, 20);
	void *how = &big;

	big.how.flags = (unsigned)choose_flags(kit);
	big.how.resolve = kit->honest ? 0 : resolves[kit_below(kit, COUNT(resolves))];
	if (big.how.flags & O_CREAT || (chance == 1 && !kit->honest))
		big.how.mode = kit_below(kit, 010000);
	if (!kit->honest) {
		size += chance == 2 ? 8 : chance == 3 ? 4096 : chance == 4 ? -8 : 0;
		big.more = chance == 2 ? kit_below(kit, 2) : 0;
		how = chance == 5 ? (void *)ANY_NOWHERE : how;
		big.how.flags |= chance == 6 ? 1ull << 40 : 0;
	}
	did_open(n, "openat2",
		 syscall(SYS_openat2, chance < 10 ? AT_FDCWD : any_room, path, how, (size_t)size));
}
