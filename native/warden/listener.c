// SPDX-License-Identifier: Apache-2.0
#include "listener.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/seccomp.h of 6.6: SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP */
#define SET_FLAGS    SECCOMP_IOW(4, __u64)
#define WAKE_IN_STEP 1ul

/* The kernel writes as many bytes as it likes (SECCOMP_GET_NOTIF_SIZES), so there is room to grow.
 */
union message {
	struct seccomp_notif request;
	struct seccomp_notif_resp answer;
	unsigned char room[512];
};

/*
 * From 6.6 on: who asks and who answers take turns, and so had better be on one processor. Where the
 * kernel does not know it all goes on as before.
 */
static void wake_in_step(int fd)
{
	(void)ioctl(fd, SET_FLAGS, WAKE_IN_STEP);
}

int listener_init(struct listener *l, int fd, bool killable)
{
	struct seccomp_notif_sizes sizes;

	memset(l, 0, sizeof(*l));
	l->fd = fd;
	l->killable = killable;
	wake_in_step(fd);
	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0)
		return -errno;
	if (sizes.seccomp_notif > sizeof(union message) ||
	    sizes.seccomp_notif_resp > sizeof(union message))
		return -ENOTSUP;
	return 0;
}

/* 1 when a call can be received without waiting, 0 when not, or -errno. */
static int poll_pending(struct listener *l)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };

	if (l->hung_up)
		return 0;
	if (poll(&p, 1, 0) < 0)
		return errno == EINTR ? 0 : -errno;
	if (p.revents & (POLLHUP | POLLERR | POLLNVAL))
		l->hung_up = true;
	return p.revents & POLLIN ? 1 : 0;
}

static int receive(struct listener *l)
{
	union message m;
	struct held *h = &l->queue[(l->head + l->count) % LISTENER_QUEUE];

	memset(&m, 0, sizeof(m)); /* the kernel refuses a dirty buffer */
	if (ioctl(l->fd, SECCOMP_IOCTL_NOTIF_RECV, &m.request) < 0)
		return errno == ENOENT || errno == EINTR ? 0 : -errno; /* it died meanwhile */
	h->id = m.request.id;
	h->tid = (pid_t)m.request.pid;
	h->number = m.request.data.nr;
	for (size_t i = 0; i < 6; i++)
		h->args[i] = m.request.data.args[i];
	l->count++;
	return 0;
}

int listener_take(struct listener *l)
{
	return l->count < LISTENER_QUEUE ? receive(l) : 0;
}

int listener_drain(struct listener *l)
{
	while (l->count < LISTENER_QUEUE) {
		int err = poll_pending(l);

		if (err <= 0)
			return err;
		err = receive(l);
		if (err)
			return err;
	}
	return 0;
}

bool listener_has_room(const struct listener *l)
{
	return l->count < LISTENER_QUEUE && !l->hung_up;
}

bool listener_pop(struct listener *l, struct held *out)
{
	if (!l->count)
		return false;
	*out = l->queue[l->head];
	l->head = (l->head + 1) % LISTENER_QUEUE;
	l->count--;
	return true;
}

bool listener_holds(struct listener *l, pid_t tid)
{
	for (unsigned i = 0; i < l->count; i++) {
		const struct held *h = &l->queue[(l->head + i) % LISTENER_QUEUE];

		if (h->tid == tid && listener_valid(l, h->id))
			return true;
	}
	return false;
}

bool listener_valid(struct listener *l, uint64_t id)
{
	return ioctl(l->fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

static int answer(struct listener *l, uint64_t id, int error, uint32_t flags)
{
	union message m;

	memset(&m, 0, sizeof(m));
	m.answer.id = id;
	m.answer.error = -error;
	m.answer.flags = flags;
	if (ioctl(l->fd, SECCOMP_IOCTL_NOTIF_SEND, &m.answer) < 0)
		return -errno;
	return 0;
}

int listener_continue(struct listener *l, uint64_t id)
{
	return answer(l, id, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

int listener_refuse(struct listener *l, uint64_t id, int error)
{
	return answer(l, id, error, 0);
}
