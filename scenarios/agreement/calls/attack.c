// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a call that one backend refuses is done by the other, or done in another way.
 * Steps:   a victim per trial makes a few calls that the seed alone makes up: opens with any
 *          spelling, flags and pointers, socket calls with any address and descriptor, calls by
 *          numbers that are no call. Some opens are raced by a thread that writes EVIL.
 * Success: what came of it is not the same under both backends: the errno, the file, its flags and
 *          number, the peer, the message. Of a race only whether EVIL was read is told.
 */
#include "kit.h"
#include "broken.h"
#include "race.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

enum { CALLS = 6, TOLD_MOST = 200, NOWHERE = 16 };

/* Files of their own, which no other call touches; the word in their path is at a multiple of four. */
#define RACES	    RACE_ROOM "/contest"
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const char *const shapes[] = { "plain", NULL };

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

static char long_path[5000];
static int streams[2], messages[2], room;
static bool failed;

static bool one_in(struct kit *kit, unsigned n)
{
	return kit_below(kit, n) == 0;
}

static socklen_t abstract(struct sockaddr_un *un, char kind, const char *word)
{
	memset(un, 0, sizeof(*un));
	un->sun_family = AF_UNIX;
	un->sun_path[1] = kind;
	memcpy(un->sun_path + 2, word, strlen(word));
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 2 + strlen(word));
}

static int make_socket(int type, char kind, const char *word)
{
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un un;
	socklen_t size = abstract(&un, kind, word);

	if (fd < 0 || bind(fd, (struct sockaddr *)&un, size) ||
	    (type == SOCK_STREAM && listen(fd, 64)))
		kit_broken("socket");
	return fd;
}

/* To create EVIL is what may not be done. */
static void make_raced(const char *word)
{
	char path[32];
	int fd = open(RACES "/new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	snprintf(path, sizeof(path), RACES "/%s", word);
	if (fd < 0 || write(fd, word, 4) != 4 || close(fd) || rename(RACES "/new", path))
		kit_broken(path);
}

static void set_up(struct kit *kit)
{
	struct sockaddr_un un = { AF_UNIX, RACE_ROOM "/socket" };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	race_make_files(kit);
	if (chdir(RACE_ROOM) || symlink("GOOD", "link") || symlink("EVIL", "evil-link") ||
	    symlink("loop", "loop") || symlink("nothing", "dangling") || symlink(".", "here") ||
	    mkdir(RACES, 0700) || close(creat("closed", 0)))
		kit_broken(RACE_ROOM);
	room = open(".", O_RDONLY | O_DIRECTORY);
	if (room < 0 || fd < 0 || bind(fd, (struct sockaddr *)&un, sizeof(un)) || listen(fd, 64))
		kit_broken(un.sun_path);
	memset(long_path, '/', sizeof(long_path) - 1);
	make_raced("GOOD");
	make_raced("EVIL");
	for (int i = 0; i < 2; i++) {
		streams[i] = make_socket(SOCK_STREAM, 's', i ? "EVIL" : "GOOD");
		messages[i] = make_socket(SOCK_DGRAM, 'd', i ? "EVIL" : "GOOD");
	}
}

static void did(unsigned n, const char *call, int err, const char *got)
{
	struct jsonl j;

	failed |= err != 0;
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
		return did(n, call, errno, "");
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
	did(n, call, 0, got);
	if (n % 3) /* else the next number is another one */
		close((int)fd);
}

static const char *choose_path(struct kit *kit)
{
	uint64_t which = kit_below(kit, COUNT(paths)), chance = kit_below(kit, 24);

	if (kit->honest)
		return paths[which % HONEST_PATHS];
	if (chance == 0)
		return (const char *)NOWHERE;
	return chance == 1 ? long_path + kit_below(kit, 2000) : paths[which];
}

static int choose_flags(struct kit *kit)
{
	int flags = 0;

	for (unsigned i = 0; i < COUNT(open_flags); i++)
		if (one_in(kit, 7) && !kit->honest)
			flags |= open_flags[i];
	return flags;
}

static void try_open(struct kit *kit, unsigned n)
{
	const char *path = choose_path(kit);
	int flags = choose_flags(kit), mode = (int)kit_below(kit, 01000);
	uint64_t which = kit_below(kit, 8), dir = kit_below(kit, 8);
	int dirfd = dir < 5 ? AT_FDCWD : room;

	if (dir == 7 && !kit->honest)
		dirfd = one_in(kit, 2) ? 77 : messages[0];
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

static void try_openat2(struct kit *kit, unsigned n)
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
		how = chance == 5 ? (void *)NOWHERE : how;
		big.how.flags |= chance == 6 ? 1ull << 40 : 0;
	}
	did_open(n, "openat2",
		 syscall(SYS_openat2, chance < 10 ? AT_FDCWD : room, path, how, size));
}

struct target {
	union {
		struct sockaddr any;
		struct sockaddr_un un;
		struct sockaddr_in in;
		struct sockaddr_storage all;
	} at;
	const struct sockaddr *address;
	socklen_t size;
};

static void choose_target(struct kit *kit, struct target *t, char kind)
{
	static const char *const names[] = { "/socket", "/GOOD", "/EVIL", "/nowhere", "/loop" };
	static const socklen_t sizes[] = { 0, 1, 2, 3, 110, 111, 128, 129, (socklen_t)-1 };
	uint64_t which = kit_below(kit, 12), chance = kit_below(kit, 16);
	uint64_t name = kit_below(kit, COUNT(names)), size = kit_below(kit, COUNT(sizes));

	memset(t, 0, sizeof(*t));
	t->address = &t->at.any;
	if (which < 7 || kit->honest) {
		t->size =
			abstract(&t->at.un, kind, which % 3 == 1 && !kit->honest ? "EVIL" : "GOOD");
	} else if (which < 10) {
		t->at.un.sun_family = AF_UNIX;
		snprintf(t->at.un.sun_path, sizeof(t->at.un.sun_path), RACE_ROOM "%s", names[name]);
		t->size = sizeof(t->at.un);
	} else {
		t->at.in.sin_family = which == 10 ? AF_INET : (sa_family_t)(77 * (name & 1));
		t->at.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		t->at.in.sin_port = htons(9);
		t->size = sizeof(t->at.in);
	}
	if (kit->honest)
		return;
	if (chance < 3)
		t->size = sizes[size];
	else if (chance == 3)
		t->address = (const struct sockaddr *)NOWHERE;
}

static int choose_socket(struct kit *kit, int type)
{
	uint64_t chance = kit_below(kit, 16);

	if (kit->honest || chance > 5)
		return socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (chance == 0)
		return 77;
	if (chance == 1)
		return room;
	if (chance == 2)
		return -1;
	return socket(
		chance == 3 ? AF_INET : AF_UNIX,
		(type == SOCK_DGRAM ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

typedef int name_call(int fd, struct sockaddr *address, socklen_t *size);

/* Abstract names only: a path is the warden's way to it, and who has no name is given any. */
static void did_name(unsigned n, const char *call, int result, int fd, name_call *name)
{
	struct sockaddr_un un = { 0 };
	socklen_t size = sizeof(un);
	int err = result < 0 ? errno : 0;

	if (!err && name(fd, (struct sockaddr *)&un, &size) == 0 &&
	    !memcmp(un.sun_path + 2, "GOOD", 5))
		did(n, call, 0, un.sun_path + 1);
	else
		did(n, call, err, "");
	if (fd > room)
		close(fd);
}

static void try_connect(struct kit *kit, unsigned n)
{
	struct target t;
	int fd;

	choose_target(kit, &t, 's');
	fd = choose_socket(kit, SOCK_STREAM);
	did_name(n, "connect", connect(fd, t.address, t.size), fd, getpeername);
}

static void try_bind(struct kit *kit, unsigned n)
{
	struct target t;
	int fd;

	choose_target(kit, &t, (char)('a' + kit_below(kit, 3)));
	fd = choose_socket(kit, SOCK_DGRAM);
	did_name(n, "bind", bind(fd, t.address, t.size), fd, getsockname);
}

static void try_send(struct kit *kit, unsigned n)
{
	static const int flags[] = { 0, 0, MSG_DONTWAIT, MSG_NOSIGNAL, MSG_OOB };
	uint64_t chance = kit_below(kit, 12), size = kit_below(kit, 100),
		 pieces = kit_below(kit, 3);
	int flag = flags[kit_below(kit, COUNT(flags))], fd;
	char data[256] = "data";
	struct iovec iov[3] = { { data, size }, { data, 3 }, { data, 1 } };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = pieces };
	struct target t;
	long result;

	choose_target(kit, &t, 'd');
	fd = choose_socket(kit, SOCK_DGRAM);
	if (!kit->honest && chance == 0)
		iov[0].iov_base = (void *)NOWHERE;
	if (!kit->honest && chance == 1)
		t.address = NULL;
	if (!kit->honest && chance == 2)
		m.msg_iovlen = 1025;
	if (kit->honest)
		flag = 0;
	m.msg_name = (void *)(uintptr_t)t.address;
	m.msg_namelen = t.size;
	result = chance % 2 ? sendto(fd, iov[0].iov_base, size, flag, t.address, t.size)
			    : sendmsg(fd, chance == 4 && !kit->honest ? (void *)NOWHERE : &m, flag);
	did(n, chance % 2 ? "sendto" : "sendmsg", result < 0 ? errno : 0, result > 0 ? "some" : "");
	if (fd > room)
		close(fd);
}

/* Numbers that are no call of this ABI. */
static void try_foreign(struct kit *kit, unsigned n)
{
	static const long numbers[] = {
		9999,
		-1,
		0x7fffffff,
#ifdef __x86_64__
		0x40000000 | SYS_openat,
		0x40000000 | 520 /* execve of x32 */,
#endif
#ifdef SYS_socketcall
		SYS_socketcall,
#endif
#ifdef SYS_io_uring_setup
		SYS_io_uring_setup,
#endif
	};
	long number = numbers[kit_below(kit, COUNT(numbers))];
	long result = syscall(number, 3, RACE_ROOM "/EVIL", 0, 0, 0, 0);

	did(n, "foreign", result < 0 ? errno : 0, "");
}

static _Noreturn void be_victim(struct kit *kit, unsigned n)
{
	struct jsonl j;

	kit->state = kit_random(kit); /* else trials would draw each other's numbers */
	failed = false;
	for (unsigned i = 0; i < CALLS; i++) {
		uint64_t kind = kit_below(kit, kit->honest ? 9 : 10);

		if (kind < 3)
			try_open(kit, n);
		else if (kind < 5)
			try_openat2(kit, n);
		else if (kind < 6)
			try_connect(kit, n);
		else if (kind < 7 && !kit->honest)
			try_bind(kit, n);
		else if (kind < 9)
			try_send(kit, n);
		else
			try_foreign(kit, n);
	}
	kit_event(&j, n, failed ? "partly" : "done");
	kit_send(&j);
	_exit(0);
}

/* Who got a message, and room in the queues for the next trial. */
static void drain(unsigned n)
{
	char byte[256];

	for (int i = 0; i < 2; i++) {
		ssize_t size;
		int fd;

		while ((fd = accept(streams[i], NULL, NULL)) >= 0)
			close(fd);
		while ((size = recv(messages[i], byte, sizeof(byte), 0)) >= 0)
			did(n, i ? "EVIL got" : "GOOD got", (int)size, "");
	}
}

static _Alignas(4) char raced[] = RACES "/GOOD";

_Static_assert(sizeof(RACES) % 4 == 0, "the word changes in one store");

static void *write_it(void *writer)
{
	kit_writer_run(writer);
	return NULL;
}

static _Noreturn void be_racer(struct kit *kit, struct kit_writer *writer, unsigned n)
{
	char what[5] = "";
	pthread_t thread;
	struct jsonl j;
	int fd;

	if (pthread_create(&thread, NULL, write_it, writer))
		_exit(KIT_BROKEN);
	kit_demote();
	kit_writer_start(writer);
	fd = (int)syscall(SYS_openat, AT_FDCWD, raced, O_RDONLY, 0);
	*kit->exec_errno = fd < 0 ? errno : 0;
	if (fd >= 0 && read(fd, what, 4) < 0)
		kit_broken("read");
	kit_event(&j, n, "raced");
	jsonl_bool(&j, "evil", !strcmp(what, "EVIL"));
	kit_send(&j);
	_exit(fd < 0 ? KIT_EXEC_FAILED : 0);
}

static void try_once(struct kit *kit, unsigned n)
{
	bool races = one_in(kit, 4) && !kit->honest;
	struct kit_writer writer;
	pid_t pid;

	memcpy(raced + sizeof(raced) - 5, "GOOD", 4);
	if (races)
		kit_writer_init(kit, &writer, raced + sizeof(raced) - 5, false);
	pid = kit_fork(kit);
	if (pid == 0 && races)
		be_racer(kit, &writer, n);
	if (pid == 0)
		be_victim(kit, n);
	if (races)
		kit_writer_close(&writer);
	kit_outcome(kit, pid, n, "trial");
	drain(n);
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
