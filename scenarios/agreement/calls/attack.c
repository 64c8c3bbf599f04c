// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a call that one backend refuses is done by the other, or done in another way.
 * Steps:   a victim per trial makes a few calls that the seed alone makes up: opens with any
 *          spelling, flags and pointers, socket calls with any address and descriptor, calls by
 *          numbers that are no call. Some opens are raced by a thread that writes EVIL.
 * Success: what came of it is not the same under both backends: the errno, the file, its flags and
 *          number, the peer, the message. Of a race only whether EVIL was read is told.
 */
#include "any-call.h"
#include "broken.h"
#include "race.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum { CALLS = 6 };

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const char *const shapes[] = { "plain", NULL };

static int streams[2], messages[2];

static int make_socket(int type, char kind, const char *word)
{
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un un;
	socklen_t size = any_abstract(&un, kind, word);

	if (fd < 0 || bind(fd, (struct sockaddr *)&un, size) ||
	    (type == SOCK_STREAM && listen(fd, 64)))
		kit_broken("socket");
	return fd;
}

static void set_up(struct kit *kit)
{
	struct sockaddr_un un = { AF_UNIX, RACE_ROOM "/socket" };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	race_make_files(kit);
	if (chdir(RACE_ROOM) || symlink("GOOD", "link") || symlink("EVIL", "evil-link") ||
	    symlink("loop", "loop") || symlink("nothing", "dangling") || symlink(".", "here") ||
	    close(creat("closed", 0)))
		kit_broken(RACE_ROOM);
	any_room = open(".", O_RDONLY | O_DIRECTORY);
	if (any_room < 0 || fd < 0 || bind(fd, (struct sockaddr *)&un, sizeof(un)) ||
	    listen(fd, 64))
		kit_broken(un.sun_path);
	race_make_files_in(RACE_CONTEST);
	for (int i = 0; i < 2; i++) {
		streams[i] = make_socket(SOCK_STREAM, 's', i ? "EVIL" : "GOOD");
		messages[i] = make_socket(SOCK_DGRAM, 'd', i ? "EVIL" : "GOOD");
	}
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

	any_did(n, "foreign", result < 0 ? errno : 0, "");
}

static _Noreturn void be_victim(struct kit *kit, unsigned n)
{
	struct jsonl j;

	kit->state = kit_random(kit); /* else trials would draw each other's numbers */
	any_failed = false;
	for (unsigned i = 0; i < CALLS; i++) {
		uint64_t kind = kit_below(kit, kit->honest ? 9 : 10);

		if (kind < 3)
			any_open(kit, n);
		else if (kind < 5)
			any_openat2(kit, n);
		else if (kind < 6)
			any_connect(kit, n);
		else if (kind < 7 && !kit->honest)
			any_bind(kit, n);
		else if (kind < 9)
			any_send(kit, n);
		else
			try_foreign(kit, n);
	}
	kit_event(&j, n, any_failed ? "partly" : "done");
	kit_send(&j);
	_exit(0);
}

/* Who got a message, and any_room in the queues for the next trial. */
static void drain(unsigned n)
{
	char byte[256];

	for (int i = 0; i < 2; i++) {
		ssize_t size;
		int fd;

		while ((fd = accept(streams[i], NULL, NULL)) >= 0)
			close(fd);
		while ((size = recv(messages[i], byte, sizeof(byte), 0)) >= 0)
			any_did(n, i ? "EVIL got" : "GOOD got", (int)size, "");
	}
}

static bool holds_evil(int fd)
{
	char what[5] = "";

	if (read(fd, what, 4) < 0)
		kit_broken("read");
	return !strcmp(what, "EVIL");
}

static void try_once(struct kit *kit, unsigned n)
{
	bool races = kit_one_in(kit, 2) && !kit->honest;
	pid_t pid = races ? race_open(kit, n, holds_evil) : kit_fork(kit);

	if (pid == 0)
		be_victim(kit, n);
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
