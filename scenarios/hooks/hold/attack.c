// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a schedule that is searched for cannot be had again, because tasks are not held when and for
 *          as long as its seed says.
 * Steps:   a lever on the end of a call, an exec, a fork, or what is seen by kprobes, with a seed; then some of
 *          these, each timed. What it should come to is computed beside it. For `sum` there are two levers on
 *          one event.
 * Success: one took less time than drawn; or more than two of eight, three times one after the other, took more than that
 *          and what they take anyhow, which for one that was not drawn is all; or another number of them was held.
 * Source:  delays drawn from a generator that others draw from as well.
 */
#include "broken.h"
#include "held.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define UNKNOWN 0x4004fe01u

static const char *const shapes[] = { "return", "exec",	   "fork",    "sum",	    "open",
				      "bind",	"connect", "release", "unanswered", NULL };

static uint64_t time_process(struct session *s, bool exec)
{
	uint64_t begun = jsonl_now(), forked;
	pid_t pid = kit_fork(&s->kit);
	char good[] = "GOOD";

	if (pid == 0 && exec)
		kit_exec_witness(&s->kit, good, 0);
	if (pid == 0)
		_exit(0);
	forked = jsonl_now();
	if (waitpid(pid, NULL, 0) != pid)
		kit_broken("waitpid");
	return (exec ? jsonl_now() : forked) - begun;
}

static uint64_t time_exec(struct session *s)
{
	return time_process(s, true);
}

static uint64_t time_fork(struct session *s)
{
	return time_process(s, false);
}

static uint64_t time_open(struct session *s)
{
	uint64_t begun = jsonl_now(), took;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)s;
	took = jsonl_now() - begun;
	if (fd < 0 || close(fd))
		kit_broken("/dev/null");
	return took;
}

static int make_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		kit_broken("socket");
	return fd;
}

/* An address of the kernel's choice. */
static void bind_it(int fd)
{
	const struct sockaddr any = { .sa_family = AF_UNIX };

	if (bind(fd, &any, sizeof(any.sa_family)))
		kit_broken("bind");
}

static uint64_t time_bind(struct session *s)
{
	int fd = make_socket();
	uint64_t begun = jsonl_now(), took;

	(void)s;
	bind_it(fd);
	took = jsonl_now() - begun;
	close(fd);
	return took;
}

static uint64_t time_connect(struct session *s)
{
	int to = make_socket(), fd = make_socket();
	struct sockaddr_un un;
	socklen_t size = sizeof(un);
	uint64_t begun;

	(void)s;
	bind_it(to);
	if (getsockname(to, (struct sockaddr *)&un, &size))
		kit_broken("getsockname");
	begun = jsonl_now();
	if (connect(fd, (const struct sockaddr *)&un, size))
		kit_broken("connect");
	begun = jsonl_now() - begun;
	close(fd);
	close(to);
	return begun;
}

static uint64_t time_release(struct session *s)
{
	int fd = make_socket();
	uint64_t begun = jsonl_now();

	(void)s;
	if (close(fd))
		kit_broken("close");
	return jsonl_now() - begun;
}

static uint64_t time_unanswered(struct session *s)
{
	int fd = make_socket();
	uint64_t begun = jsonl_now(), took;
	int answer;

	(void)s;
	if (ioctl(fd, UNKNOWN, &answer) == 0 || errno != ENOTTY)
		kit_broken("ioctl");
	took = jsonl_now() - begun;
	close(fd);
	return took;
}

int main(int argc, char **argv)
{
	static const struct held_kind kinds[] = {
		{ PF_RETURN, SYS_getpgid, 1, held_time_call },
		{ PF_EXEC, -1, 1, time_exec },
		{ PF_FORK, -1, 1, time_fork },
		{ PF_RETURN, SYS_getpgid, 2, held_time_call },
		{ PF_OPEN, -1, 1, time_open },
		{ PF_BIND, -1, 1, time_bind },
		{ PF_CONNECT, -1, 1, time_connect },
		{ PF_RELEASE, -1, 1, time_release },
		{ PF_UNANSWERED, -1, 1, time_unanswered },
	};

	return held_main(argc, argv, shapes, kinds);
}
