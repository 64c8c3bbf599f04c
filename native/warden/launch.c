// SPDX-License-Identifier: Apache-2.0
#include "launch.h"

#include "capabilities.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXIT_GATE 126

/* Sent by the child with the listener, or in its place. */
struct word {
	int32_t step; /* index in steps */
	int32_t error;
	int32_t killable;
	int32_t listener; /* its number at the child's, where it does not come along; else -1 */
};

enum { STEP_NONE, STEP_PARENT, STEP_PRIVILEGES, STEP_CAPABILITIES, STEP_FILTER, STEPS };
static const char *const steps[STEPS] = { "socket", "PR_SET_PDEATHSIG", "PR_SET_NO_NEW_PRIVS",
					  "CAP_SYS_PTRACE", "seccomp" };

/* The step that a child names, which ran none of the command's code yet. */
static const char *step_of(const struct word *word)
{
	return word->step >= 0 && word->step < STEPS ? steps[word->step] : steps[STEP_NONE];
}

static long set_filter(const struct filter *filter, unsigned long flags)
{
	struct sock_fprog program = { filter->length, (struct sock_filter *)filter->code };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

/* *listener stays -1 where the filter needs none. 0 or -errno. */
static int install(const struct filter *filter, int *listener, bool *killable)
{
	unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	long fd;

	if (filter->ask != SECCOMP_RET_USER_NOTIF)
		return set_filter(filter, 0) < 0 ? -errno : 0;
	fd = set_filter(filter, flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
	*killable = fd >= 0;
	if (fd < 0 && errno == EINVAL) /* before 5.19 */
		fd = set_filter(filter, flags);
	*listener = (int)fd;
	return fd < 0 ? -errno : 0;
}

static int send_along(int sock, const struct word *word, int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { (void *)word, sizeof(*word) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (fd >= 0) {
		memset(&control, 0, sizeof(control));
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	}
	return sendmsg(sock, &msg, MSG_NOSIGNAL) == (ssize_t)sizeof(*word) ? 0 : -EIO;
}

static int send_word(int sock, const struct word *word, int fd, bool asks_sendmsg)
{
	if (asks_sendmsg) /* and nobody is there to answer yet */
		return write(sock, word, sizeof(*word)) == (ssize_t)sizeof(*word) ? 0 : -EIO;
	return send_along(sock, word, fd);
}

/* *listener is what came with the word, or -1. 0 or -errno. */
static int receive_word(int sock, struct word *word, int *listener)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { word, sizeof(*word) };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	ssize_t n;

	*listener = -1;
	do {
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(*word))
		return n < 0 ? -errno : -EPIPE;
	if (word->error)
		return -word->error;
	if (msg.msg_controllen >= CMSG_LEN(sizeof(int)) && control.header.cmsg_type == SCM_RIGHTS)
		memcpy(listener, CMSG_DATA(&control.header), sizeof(*listener));
	return 0;
}

static int take_listener(pid_t child, int number)
{
	int pidfd = (int)syscall(SYS_pidfd_open, child, 0), fd, err;

	if (pidfd < 0)
		return -errno;
	fd = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
	err = fd < 0 ? -errno : fd;
	close(pidfd);
	return err;
}

static void wait_at_gate(int sock)
{
	char byte;
	ssize_t n;

	do {
		n = read(sock, &byte, 1);
	} while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(EXIT_GATE);
}

static _Noreturn void be_child(const struct filter *filter, launch_body body, void *context,
			       int sock, pid_t parent)
{
	struct word word = { .listener = -1 };
	bool killable = false;
	int fd = -1, err;

	/* No one goes on without the warden. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		word = (struct word){ STEP_PARENT, errno ? errno : ESRCH, 0, -1 };
	else if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		word = (struct word){ STEP_PRIVILEGES, errno, 0, -1 };
	/* Who has it may trace us, and write our memory. */
	else if ((err = capabilities_drop(CAP_SYS_PTRACE)))
		word = (struct word){ STEP_CAPABILITIES, -err, 0, -1 };
	else if ((err = install(filter, &fd, &killable)))
		word = (struct word){ STEP_FILTER, -err, 0, -1 };
	word.killable = killable;
	if (filter->asks_sendmsg)
		word.listener = fd;
	if (send_word(sock, &word, fd, filter->asks_sendmsg) || word.error)
		_exit(EXIT_GATE);
	wait_at_gate(sock); /* until then it may be fetched */
	/* Who holds its own listener could answer itself. */
	if (fd >= 0)
		close(fd);
	close(sock);
	body(context);
	_exit(EXIT_GATE);
}

int launch(const struct filter *filter, launch_body body, void *context, struct launched *out,
	   struct launch_error *error)
{
	struct word word = { .listener = -1 };
	pid_t parent = getpid();
	int pair[2], err;

	*error = (struct launch_error){ "socketpair", 0 };
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return error->error = -errno;
	out->pid = fork();
	if (out->pid == 0) {
		close(pair[0]);
		be_child(filter, body, context, pair[1], parent);
	}
	close(pair[1]);
	if (out->pid < 0) {
		*error = (struct launch_error){ "fork", -errno };
		close(pair[0]);
		return error->error;
	}
	out->gate_fd = pair[0];
	err = receive_word(pair[0], &word, &out->listener_fd);
	if (!err && word.listener >= 0) {
		out->listener_fd = take_listener(out->pid, word.listener);
		err = out->listener_fd < 0 ? out->listener_fd : 0;
	}
	out->killable = word.killable;
	if (!err && filter->ask == SECCOMP_RET_USER_NOTIF && out->listener_fd < 0)
		err = -EPROTO;
	if (err) {
		*error = (struct launch_error){ step_of(&word), err };
		close(pair[0]);
		return error->error;
	}
	return 0;
}

int launch_open_gate(struct launched *l)
{
	ssize_t n = send(l->gate_fd, "", 1, MSG_NOSIGNAL);
	int err = n == 1 ? 0 : -errno;

	close(l->gate_fd);
	l->gate_fd = -1;
	return err;
}
