// SPDX-License-Identifier: Apache-2.0
/*
 * The backend of seccomp user notification, for kernels from 5.5. A task is traced only while it
 * makes a process, is frozen or execs.
 */
#include "backend.h"

#include "launch.h"
#include "warden.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/epoll.h>

static int open_listener(struct warden *w, const struct launched *l)
{
	struct epoll_event event = { .events = EPOLLIN,
				     .data.u64 = EVENT_IS_FD | (unsigned)l->listener_fd };
	int err = listener_init(&w->listener, l->listener_fd, l->killable);

	if (err)
		return err;
	w->calls_fd = l->listener_fd;
	w->asking_is_held = l->killable;
	return epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, w->calls_fd, &event) < 0 ? -errno : 0;
}

static void note_room(struct warden *w)
{
	w->calls_fd = listener_has_room(&w->listener) ? w->listener.fd : -1;
}

static int drain(struct warden *w)
{
	bool gone = w->listener.hung_up;
	int err = listener_drain(&w->listener);

	if (!gone && w->listener.hung_up)
		epoll_ctl(w->epoll_fd, EPOLL_CTL_DEL, w->listener.fd, NULL);
	note_room(w);
	return err;
}

static int take(struct warden *w)
{
	int err = listener_take(&w->listener);

	note_room(w);
	return err;
}

static bool pop(struct warden *w, struct held *out)
{
	bool popped = listener_pop(&w->listener, out);

	note_room(w);
	return popped;
}

static bool asks(struct warden *w, pid_t tid)
{
	return listener_holds(&w->listener, tid);
}

static bool valid(struct warden *w, const struct held *call)
{
	return listener_valid(&w->listener, call->id);
}

static int let(struct warden *w, const struct held *call)
{
	return listener_continue(&w->listener, call->id);
}

static int refuse(struct warden *w, const struct held *call, int error)
{
	return listener_refuse(&w->listener, call->id, error);
}

static int follow(struct warden *w, const struct held *call, struct tracee *t)
{
	/*
	 * In a killable wait an interrupt cancels nothing, and a failed exec meets it before its
	 * first instruction. In the older wait it would cancel the call, so it has to follow the
	 * answer.
	 */
	if (w->listener.killable)
		(void)tracee_interrupt(t); /* ESRCH: it is dying, as the answer will tell */
	return listener_continue(&w->listener, call->id);
}

const struct backend backend_notify = {
	.name = "notify",
	.ask = SECCOMP_RET_USER_NOTIF,
	.open = open_listener,
	.drain = drain,
	.take = take,
	.pop = pop,
	.asks = asks,
	.valid = valid,
	.let = let,
	.refuse = refuse,
	.follow = follow,
};
