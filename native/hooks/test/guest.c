// SPDX-License-Identifier: Apache-2.0
/*
 * The module's own test, for a guest: `guest photofinish.ko SELF` as root, where SELF is this
 * program's path (it execs itself with one argument too many to be run as a test). TAP on standard
 * output.
 */
#include "tap.h"
#include "truth.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEVICE "/dev/photofinish"

static const char *module_path;
static const char *self;

static int load(const char *params)
{
	int fd = open(module_path, O_RDONLY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return errno;
	err = syscall(SYS_finit_module, fd, params, 0) ? errno : 0;
	close(fd);
	return err;
}

static int unload(void)
{
	return syscall(SYS_delete_module, "photofinish", O_NONBLOCK) ? errno : 0;
}

static int run(const char *argument)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		execl(self, "guest", "exit", argument, "0", (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
		printf("# running %s: status %x, %s\n", self, status, strerror(errno));
		return -1;
	}
	return pid;
}

static void test_steps(void)
{
	static const char *const params[] = { "fail_step=ring", "fail_step=probes",
					      "fail_step=device" };

	for (size_t i = 0; i < 3; i++) {
		ok(load(params[i]) == ECANCELED, "%s fails the load", params[i]);
		ok(access(DEVICE, F_OK) != 0, "%s leaves no device", params[i]);
		run("after-failure");
	}
	ok(load("") == 0, "it loads after all that");
}

/* Counts what one read of the whole ring holds, and compares it with what was done. */
struct tally {
	int forks, execs, right, others;
	uint64_t dropped;
	uint64_t last_t_ns;
	bool ordered;
};

static bool is_ours(const struct truth_event *event, pid_t pid, const char *argument)
{
	char want[300];
	int n = snprintf(want, sizeof(want), "guest%cexit%c%s%c0", 0, 0, argument, 0) + 1;
	size_t cut = (size_t)n > 256 ? 256 : (size_t)n;

	return event->pid == (uint32_t)pid && event->argc == 4 && event->path_len == strlen(self) &&
	       !memcmp(event->path, self, event->path_len) && event->args_len == cut &&
	       !memcmp(event->args, want, cut) && event->truncated == ((size_t)n > 256);
}

static int drain(int fd, pid_t pid, const char *argument, struct tally *tally)
{
	static uint8_t buf[8192];
	ssize_t got;

	memset(tally, 0, sizeof(*tally));
	tally->ordered = true;
	while ((got = read(fd, buf, sizeof(buf))) > 0) {
		for (ssize_t at = 0; at < got;) {
			struct truth_event event;
			int step = truth_decode(buf + at, (size_t)(got - at), &event);

			if (step <= 0)
				return -1;
			at += step;
			tally->ordered = tally->ordered && event.t_ns >= tally->last_t_ns;
			tally->last_t_ns = event.t_ns;
			if (event.kind == TRUTH_FORK)
				tally->forks += event.pid == (uint32_t)getpid();
			else if (event.kind == TRUTH_DROPPED)
				tally->dropped += event.count;
			else if (event.kind == TRUTH_EXEC)
				tally->execs++;
			if (event.kind == TRUTH_EXEC && argument)
				tally->right += is_ours(&event, pid, argument);
		}
	}
	return errno == EAGAIN ? 0 : -1;
}

static void check_exec(int fd, const char *argument, const char *what)
{
	struct tally tally;
	pid_t pid = run(argument);

	ok(pid > 0 && drain(fd, pid, argument, &tally) == 0, "%s: runs and is read", what);
	ok(tally.forks == 1 && tally.execs == 1 && tally.right == 1 && tally.ordered,
	   "%s: one fork, one exec, every byte right", what);
}

static void test_device(void)
{
	char longest[280];
	uint8_t small[40];
	struct pollfd p = { .events = POLLIN };
	int fd = open(DEVICE, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	p.fd = fd;
	ok(fd >= 0, "the device opens");
	ok(open(DEVICE, O_RDONLY) < 0 && errno == EBUSY, "a second reader is EBUSY");
	ok(unload() == EWOULDBLOCK, "an open device keeps the module");
	ok(poll(&p, 1, 0) == 0, "poll: nothing yet");
	ok(read(fd, small, sizeof(small)) < 0 && errno == EAGAIN, "a read would block");
	check_exec(fd, "GOOD", "a plain exec");
	check_exec(fd, "", "an empty argument");
	check_exec(fd, "\xff\x01\n\"", "bytes that are no text");
	memset(longest, 'x', sizeof(longest));
	/* With "guest", "exit", "0" and the NULs: exactly all that is kept. */
	longest[256 - 13] = 0;
	check_exec(fd, longest, "arguments of just the kept size");
	longest[256 - 13] = 'x';
	longest[256 - 12] = 0;
	check_exec(fd, longest, "one byte more");
	run("GOOD");
	ok(poll(&p, 1, 0) == 1 && p.revents & POLLIN, "poll: readable");
	ok(read(fd, small, 8) < 0 && errno == EMSGSIZE, "no part of a record");
	ok(read(fd, small, sizeof(small)) == 24, "whole records only");
	close(fd);
}

/* A child that execs once a pipe says that the parent is about to wait. */
static void test_blocking(void)
{
	uint8_t buf[TRUTH_RECORD_MAX];
	int fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	pid_t pid = fork();

	if (pid == 0) {
		for (volatile int i = 0; i < 3000000; i++)
			;
		execl(self, "guest", "exit", "late", "0", (char *)NULL);
		_exit(127);
	}
	ok(read(fd, buf, sizeof(buf)) > 0, "a blocking read returns the fork");
	ok(poll(&p, 1, 20000) == 1, "poll wakes up for the exec");
	waitpid(pid, NULL, 0);
	close(fd);
	pid = run("unwatched");
	fd = open(DEVICE, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ok(pid > 0 && read(fd, buf, sizeof(buf)) < 0 && errno == EAGAIN,
	   "what happened while nobody had it open is not there");
	close(fd);
}

static void test_drops(void)
{
	struct tally tally;
	int fd = open(DEVICE, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	int made = 12000; /* of 24 bytes each, into 256 KiB */

	for (int i = 0; i < made; i++) {
		pid_t pid = vfork();

		if (pid == 0)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
	ok(drain(fd, 0, NULL, &tally) == 0, "a full ring is read");
	ok(tally.dropped > 0 && tally.forks + (int)tally.dropped == made && tally.ordered,
	   "%d read and %d dropped are all %d", tally.forks, (int)tally.dropped, made);
	check_exec(fd, "after", "after drops");
	close(fd);
}

/* Loads and unloads while others fork and exec. */
static void test_unload_under_load(void)
{
	pid_t busy[2];
	bool good = true;

	for (int b = 0; b < 2; b++) {
		busy[b] = fork();
		while (busy[b] == 0)
			run("busy");
	}
	for (int i = 0; i < 20; i++) {
		uint8_t buf[TRUTH_RECORD_MAX];
		int fd = open(DEVICE, O_RDONLY | O_CLOEXEC);

		for (int n = 0; n < 10; n++)
			good = read(fd, buf, sizeof(buf)) > 0 && good;
		close(fd);
		good = unload() == 0 && load("") == 0 && good;
	}
	for (int b = 0; b < 2; b++) {
		kill(busy[b], SIGKILL);
		waitpid(busy[b], NULL, 0);
	}
	ok(good, "read, unloaded and loaded 20 times while others fork and exec");
	ok(unload() == 0 && access(DEVICE, F_OK) != 0, "unloads for good");
}

int main(int argc, char **argv)
{
	if (argc == 4)
		return strcmp(argv[1], "exit") ? 2 : atoi(argv[3]);
	if (argc != 3)
		return 2;
	module_path = argv[1];
	self = argv[2];
	test_steps();
	test_device();
	test_blocking();
	test_drops();
	test_unload_under_load();
	return tap_done();
}
