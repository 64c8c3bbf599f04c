// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  what Landlock refuses the warden lets through, or the other way round.
 * Steps:   a victim per trial does a few things that the seed alone makes up, to names that lead to
 *          files that may be used and to files that may not: by links, by .., by /proc, by
 *          descriptors. Some opens are raced by a thread that writes EVIL.
 * Success: what was done is not the same in both ways, or EVIL was read.
 */
#include "broken.h"
#include "race.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DEEDS = 6 };

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define ALLOWED	    "/etc/passwd"
#define DENIED	    "/etc/group"

static const char *const shapes[] = { "landlock", "judged", NULL };

/* The first ones may be read, and the very first written as well. */
static const char *const names[] = {
	RACE_ROOM "/own",
	"own",
	"here/own",
	"/proc/self/cwd/own",
	RACE_ROOM "/GOOD",
	"here/GOOD",
	ALLOWED,
	"/proc/self/cwd/GOOD",
	"/etc/../etc/passwd",
	"/proc/self/root/etc/passwd",
	RACE_ROOM "/EVIL",
	"EVIL",
	"here/../pf/EVIL",
	"/proc/self/cwd/EVIL",
	"/proc/thread-self/root/etc/group",
	"/etc/./group",
	DENIED,
	"/dev/null",
	"/dev/zero",
	"/bin/warden",
	"/bin/witness",
	"/etc",
	"/bin",
	"/sys/kernel",
	"/proc/version",
	"/proc/self/comm",
	"/proc/self/comm",
	"here",
	"loop",
	"missing",
	"dangling",
	"new",
	"one",
	"two",
	"dir",
	"dir/one",
	"dir/two",
	"",
	"/",
};

#define OWN_NAMES    4
#define HONEST_NAMES 10

/* What names may be made of: those of the room. */
static const char *const own[] = { "new", "one", "two", "dir", "dir/one", "dir/two", "here/new" };

static bool failed;

/* Whether it was done, not why it was not. */
static void did(unsigned n, const char *deed, const char *name, const char *other, long result,
		const char *got)
{
	struct jsonl j;

	failed |= result < 0;
	kit_event(&j, n, "did");
	jsonl_str(&j, "deed", deed, strlen(deed));
	jsonl_str(&j, "name", name, strlen(name));
	jsonl_str(&j, "other", other, strlen(other));
	jsonl_bool(&j, "done", result >= 0);
	jsonl_str(&j, "got", got, strlen(got));
	kit_send(&j);
}

static void set_up(struct kit *kit)
{
	(void)kit;
	if (mkdir(RACE_ROOM, 0700) || chdir(RACE_ROOM) || symlink(ALLOWED, "GOOD") ||
	    symlink(DENIED, "EVIL") || symlink("loop", "loop") || symlink("nothing", "dangling") ||
	    symlink(".", "here") || mkdir("dir", 0700) || close(creat("own", 0600)) ||
	    mkdir(RACE_CONTEST, 0700) || symlink(ALLOWED, RACE_CONTEST "/GOOD") ||
	    symlink(DENIED, RACE_CONTEST "/EVIL"))
		kit_broken(RACE_ROOM);
}

static const char *choose_name(struct kit *kit)
{
	uint64_t which = kit_below(kit, COUNT(names));

	return names[kit->honest ? which % HONEST_NAMES : which];
}

static const char *choose_own(struct kit *kit)
{
	return own[kit_below(kit, COUNT(own))];
}

static void try_open(struct kit *kit, unsigned n)
{
	static const int flags[] = { O_RDONLY,
				     O_RDONLY,
				     O_RDONLY,
				     O_WRONLY,
				     O_RDWR,
				     O_RDONLY | O_DIRECTORY,
				     O_WRONLY | O_TRUNC,
				     O_WRONLY | O_CREAT,
				     O_RDWR | O_CREAT,
				     O_WRONLY | O_CREAT | O_EXCL,
				     O_RDONLY | O_TRUNC,
				     O_WRONLY | O_APPEND,
				     O_RDWR | O_TMPFILE,
				     O_RDONLY | O_NOFOLLOW };
	const char *name = choose_name(kit);
	int flag = flags[kit_below(kit, kit->honest ? 3 : COUNT(flags))] | O_CLOEXEC | O_NONBLOCK;
	char link[32], to[80] = "", got[128];
	int fd = open(name, flag, 0600);
	struct stat st;
	ssize_t size;

	snprintf(got, sizeof(got), "%x", (unsigned)flag);
	if (fd >= 0) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		size = readlink(link, to, sizeof(to) - 1);
		if (size < 0 || fstat(fd, &st))
			kit_broken("what was opened");
		/* Processes and nameless files are called by their numbers. */
		if (st.st_nlink && strncmp(to, "/proc/", 6))
			snprintf(got, sizeof(got), "%x %.*s", (unsigned)flag, (int)size, to);
		close(fd);
	}
	did(n, "open", name, "", fd, got);
}

static void try_name(struct kit *kit, unsigned n)
{
	static const char *const deeds[] = { "mkdir",  "rmdir", "unlink", "symlink", "link",
					     "rename", "swap",	"mknod",  "chmod",   "truncate" };
	uint64_t which = kit_below(kit, COUNT(deeds));
	/* The other name is one that is there, often, and where names are made. */
	const char *name = kit_one_in(kit, 3) ? choose_name(kit) : choose_own(kit);
	const char *other = choose_own(kit);
	long result = -1;

	switch (which) {
	case 0:
		result = mkdir(name, 0700);
		break;
	case 1:
		result = rmdir(name);
		break;
	case 2:
		result = unlink(name);
		break;
	case 3:
		result = symlink(name, other);
		break;
	case 4:
		result = link(name, other);
		break;
	case 5:
		result = rename(name, other);
		break;
	case 6:
		result = syscall(SYS_renameat2, AT_FDCWD, name, AT_FDCWD, other, RENAME_EXCHANGE);
		break;
	case 7:
		result = mknod(name, S_IFIFO | 0600, 0);
		break;
	case 8:
		result = chmod(name, 0700);
		break;
	case 9:
		result = truncate(name, 0);
		break;
	default:
		break;
	}
	did(n, deeds[which], name, other, result, "");
}

/* What a name is made and removed for. */
static void make_and_remove(unsigned n)
{
	int fd;

	did(n, "mkdir", "new", "", mkdir("new", 0700), "");
	did(n, "rmdir", "new", "", rmdir("new"), "");
	fd = open("own", O_WRONLY | O_CLOEXEC);
	did(n, "write", "own", "", fd < 0 ? -1 : write(fd, "own", 3) - 3, "");
	if (fd >= 0)
		close(fd);
}

static void try_run(struct kit *kit, unsigned n)
{
	static const char *const programs[] = { KIT_WITNESS, "/bin/warden", "own", "GOOD" };
	const char *name = programs[kit->honest ? 0 : kit_below(kit, COUNT(programs))];
	char *const argv[] = { "program", NULL };
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		close(STDERR_FILENO);
		execv(name, argv);
		_exit(KIT_EXEC_FAILED);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		kit_broken("the child");
	did(n, "run", name, "",
	    WIFEXITED(status) && WEXITSTATUS(status) != KIT_EXEC_FAILED ? 0 : -1, "");
}

static _Noreturn void be_victim(struct kit *kit, unsigned n)
{
	struct jsonl j;

	kit->state = kit_random(kit); /* else trials would draw each other's numbers */
	failed = false;
	for (unsigned i = 0; i < DEEDS; i++) {
		uint64_t kind = kit_below(kit, 8);

		if (kind < 4)
			try_open(kit, n);
		else if (kind < 7 && kit->honest)
			make_and_remove(n);
		else if (kind < 7)
			try_name(kit, n);
		else
			try_run(kit, n);
	}
	kit_event(&j, n, failed ? "partly" : "done");
	kit_send(&j);
	_exit(0);
}

static bool is_denied(int fd)
{
	struct stat st, denied;

	if (fstat(fd, &st) || stat(DENIED, &denied))
		kit_broken("stat");
	return st.st_ino == denied.st_ino && st.st_dev == denied.st_dev;
}

static void try_once(struct kit *kit, unsigned n)
{
	bool races = kit_one_in(kit, 2) && !kit->honest;
	pid_t pid = races ? race_open(kit, n, is_denied) : kit_fork(kit);

	if (pid == 0)
		be_victim(kit, n);
	kit_outcome(kit, pid, n, "trial");
}

int main(int argc, char **argv)
{
	struct kit kit;

	kit_begin(&kit, argc, argv, shapes);
	kit_warm_up(&kit);
	set_up(&kit);
	for (unsigned n = 1; n <= kit.trials; n++)
		try_once(&kit, n);
	return 0;
}
