// SPDX-License-Identifier: Apache-2.0
#include "shell.h"
#include "frame.h"
#include "jsonl.h"
#include "mailbox.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROGRAM "/bin/busybox"
/* Of what the host writes at a time, and of every page of the lab's kernels. */
#define PIECE 4096
/* Pieces whose addresses are in one event: 16 digits and a blank each at most. */
#define PIECES_SAID 128
#define LOOK_NS	    (5 * 1000 * 1000)

static int say_room(const char *room, size_t pieces)
{
	for (size_t at = 0; at < pieces;) {
		char text[PIECES_SAID * 17 + 1];
		size_t len = 0;
		struct jsonl j;

		for (size_t n = 0; n < PIECES_SAID && at < pieces; n++, at++) {
			uint64_t physical;
			int err = mailbox_physical(room + at * PIECE, &physical);

			if (err)
				return err;
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%" PRIx64,
						n ? " " : "", physical);
		}
		jsonl_begin(&j, "room");
		jsonl_str(&j, "pieces", text, len);
		frame_event(&j);
	}
	return 0;
}

static int write_program(const char *bytes, size_t n)
{
	int fd = open(PROGRAM, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	int err = fd < 0 ? -errno : 0;

	while (!err && n) {
		ssize_t written = write(fd, bytes, n);

		if (written < 0) {
			err = errno == EINTR ? 0 : -errno;
			continue;
		}
		bytes += written;
		n -= (size_t)written;
	}
	if (fd >= 0 && close(fd) && !err)
		err = -errno;
	return err;
}

/* The guest's memory is the one way in: whoever is stopped at any instruction finds all of it, or nothing. */
static int take_program(size_t bytes)
{
	const struct timespec nap = { .tv_nsec = LOOK_NS };
	size_t pieces = (bytes + PIECE - 1) / PIECE;
	char *room = mmap(NULL, pieces * PIECE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	int err;

	if (room == MAP_FAILED)
		return -errno;
	/* Not the zero page that a read would find: each piece is to be our own. */
	memset(room, 0, pieces * PIECE);
	err = mlock(room, pieces * PIECE) ? -errno : say_room(room, pieces);
	if (!err) {
		while (!*(volatile char *)room)
			nanosleep(&nap, NULL);
		err = write_program(room, bytes);
	}
	if (munmap(room, pieces * PIECE) && !err)
		err = -errno;
	return err;
}

/* Whoever cannot become the shell dies of a signal, which no shell that was left does. */
static _Noreturn void run_program(void)
{
	static char sh[] = "sh", option[] = "-c",
		    text[] = PROGRAM " --install -s /bin; cd /tmp; exec " PROGRAM " sh -i";
	static char path[] = "PATH=/bin:/usr/bin:/usr/sbin", home[] = "HOME=/root";
	sigset_t none;
	int tty;

	sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) || setsid() < 0)
		abort();
	tty = open("/dev/console", O_RDWR);
	if (tty < 0 || ioctl(tty, TIOCSCTTY, 0))
		abort();
	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		if (dup2(tty, fd) < 0)
			abort();
	}
	execve(PROGRAM, (char *[]){ sh, option, text, NULL }, (char *[]){ path, home, NULL });
	abort();
}

void shell_run(size_t bytes)
{
	int err = take_program(bytes), status = 0;
	pid_t pid;

	if (err) {
		frame_error("shell", PROGRAM, err);
		return;
	}
	frame_lend();
	pid = fork();
	if (pid == 0)
		run_program();
	err = pid < 0 ? -errno : 0;
	while (!err && waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			err = -errno;
	}
	frame_take_back();
	if (!err && WIFSIGNALED(status))
		err = -ENOEXEC;
	if (err)
		frame_error("shell", PROGRAM, err);
}
