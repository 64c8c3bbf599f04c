// SPDX-License-Identifier: Apache-2.0
#include "answer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel writes as many bytes as it likes (SECCOMP_GET_NOTIF_SIZES); listener.c has checked. */
union message {
	struct seccomp_notif_resp answer;
	unsigned char room[512];
};

int answer_result(struct warden *w, const struct held *call, long result)
{
	union message m;

	memset(&m, 0, sizeof(m));
	m.answer.id = call->id;
	m.answer.error = result < 0 ? (int)result : 0;
	m.answer.val = result < 0 ? 0 : result;
	return ioctl(w->listener.fd, SECCOMP_IOCTL_NOTIF_SEND, &m.answer) < 0 ? -errno : 0;
}

int answer_file(struct warden *w, const struct held *call, int fd, bool cloexec)
{
	struct seccomp_notif_addfd add = {
		.id = call->id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = (uint32_t)fd,
		.newfd_flags = cloexec ? O_CLOEXEC : 0,
	};
	int err = 0, number = ioctl(w->listener.fd, SECCOMP_IOCTL_NOTIF_ADDFD, &add);

	if (number < 0 && errno == EINVAL) { /* before 5.14 it takes two steps */
		add.flags = 0;
		number = ioctl(w->listener.fd, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
		if (number >= 0)
			err = answer_result(w, call, number);
	}
	if (number < 0)
		err = -errno;
	close(fd);
	/* It has no room for one more file, or the kernel cannot do it at all. */
	if (err && err != -ENOENT)
		err = answer_result(w, call, err == -EMFILE || err == -ENFILE ? err : -EPERM);
	return err;
}

/*
 * pidfds are for processes: for their leaders, that is. A thread may have a table of its own: only
 * the very file that the thread sees under this number will do.
 */
int take_file(const struct held *call, pid_t tgid, int fd)
{
	char path[48];
	struct stat its, ours;
	int pidfd, copy, err;

	if (fd < 0)
		return -EBADF;
	pidfd = (int)syscall(SYS_pidfd_open, tgid, 0);
	if (pidfd < 0)
		return -errno;
	copy = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	err = copy < 0 ? -errno : 0;
	close(pidfd);
	if (err)
		return err == -EPERM || err == -EBADF ? err : -ESRCH;
	if (call->tid == tgid)
		return copy;
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)call->tid, fd);
	if (stat(path, &its) == 0 && fstat(copy, &ours) == 0 && its.st_dev == ours.st_dev &&
	    its.st_ino == ours.st_ino)
		return copy;
	close(copy);
	return -EPERM;
}
