// SPDX-License-Identifier: Apache-2.0
#include "doings.h"
#include "broken.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void do_process(struct kit *kit)
{
	pid_t pid = fork();
	char good[] = "GOOD";

	if (pid == 0 && kit_one_in(kit, 2))
		kit_exec_witness(kit, good, 0);
	if (pid == 0)
		_exit(3);
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

/* Two streams that meet under an abstract name of the process's own. */
static void do_sockets(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1);
	int here = socket(AF_UNIX, SOCK_STREAM, 0), there = socket(AF_UNIX, SOCK_STREAM, 0);

	length += (socklen_t)snprintf(at.sun_path + 1, sizeof(at.sun_path) - 1, "doings-%d",
				      getpid());
	if (here < 0 || there < 0 || bind(here, (struct sockaddr *)&at, length) ||
	    listen(here, 1) || connect(there, (struct sockaddr *)&at, length))
		kit_broken("sockets");
	close(here);
	close(there);
}

static void do_files(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, 0x1234, NULL) == 0 || open("/missing", O_RDONLY) >= 0)
		kit_broken("files");
	close(fd);
}

static void ignore(int signal)
{
	(void)signal;
}

static void do_calls(void)
{
	if (signal(SIGUSR1, ignore) == SIG_ERR)
		kit_broken("signal");
	for (int i = 0; i < DOINGS_CALLS; i++) {
		syscall(SYS_getppid);
		syscall(SYS_getsid, 0);
		syscall(1023);
	}
	raise(SIGUSR1);
}

void doings_any(struct kit *kit)
{
	switch (kit_below(kit, 4)) {
	case 0:
		do_process(kit);
		break;
	case 1:
		do_sockets();
		break;
	case 2:
		do_files();
		break;
	default:
		do_calls();
		break;
	}
}

void doings_all(struct kit *kit)
{
	do_process(kit);
	do_sockets();
	do_files();
	do_calls();
}
