// SPDX-License-Identifier: Apache-2.0
#include "restart.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_MS 2000

/* What the child says, a byte each. */
enum { SAYS_SIGNAL = 's', SAYS_ANSWERED = 'a', SAYS_LOST = 'l' };

static int said[2]; /* a pipe */

static void on_signal(int signal)
{
	static const char byte = SAYS_SIGNAL;
	ssize_t n = write(said[1], &byte, 1);

	(void)signal;
	(void)n; /* who waits for it gives up */
}

static int listen_to_getppid(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			    &program);
}

/* Shares the parent's table of files, which is how the listener gets there. */
static _Noreturn void be_child(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	int listener = sigaction(SIGURG, &action, NULL) ? -1 : listen_to_getppid();
	char byte;

	if (write(said[1], &listener, sizeof(listener)) != sizeof(listener) || listener < 0)
		_exit(1);
	byte = syscall(SYS_getppid) < 0 ? SAYS_LOST : SAYS_ANSWERED;
	_exit(write(said[1], &byte, 1) == 1 ? 0 : 1);
}

static bool answer(int listener)
{
	union {
		struct seccomp_notif call;
		char room[256];
	} in = { 0 };
	struct seccomp_notif_resp out = { 0 };

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &in))
		return errno == EINTR || errno == ENOENT; /* it was cancelled: another will come */
	out.id = in.call.id;
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &out) == 0 || errno == ENOENT;
}

/* From when the signal was sent. No answer before its handler ran, or there is nothing to see. */
static bool watch(int listener)
{
	struct pollfd p[2] = { { .fd = said[0], .events = POLLIN },
			       { .fd = -1, .events = POLLIN } };

	while (poll(p, 2, ANSWER_MS) > 0) {
		char byte = 0;

		if (p[0].revents) {
			if (read(said[0], &byte, 1) != 1 || byte != SAYS_SIGNAL)
				return byte == SAYS_ANSWERED;
			p[1].fd = listener;
		} else if (!answer(listener)) {
			return false;
		}
	}
	return false;
}

static bool try_with(pid_t child)
{
	struct pollfd asked = { .events = POLLIN };
	struct pollfd word = { .fd = said[0], .events = POLLIN };
	bool works;

	if (poll(&word, 1, ANSWER_MS) != 1 ||
	    read(said[0], &asked.fd, sizeof(asked.fd)) != sizeof(asked.fd) || asked.fd < 0)
		return false;
	works = poll(&asked, 1, ANSWER_MS) == 1 && kill(child, SIGURG) == 0 && watch(asked.fd);
	close(asked.fd);
	return works;
}

bool restart_works(void)
{
	bool works = false;
	pid_t child;

	if (pipe2(said, O_CLOEXEC))
		return false;
	child = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	if (child == 0)
		be_child();
	if (child > 0) {
		works = try_with(child);
		kill(child, SIGKILL); /* ours until it is waited for */
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
	}
	close(said[0]);
	close(said[1]);
	return works;
}
