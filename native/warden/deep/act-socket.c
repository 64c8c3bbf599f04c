// SPDX-License-Identifier: Apache-2.0
#include "act.h"

#include "answer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

/* Other sockets refuse such an address, and those of AF_UNIX a longer one, without a look at it. */
static bool takes_path(int fd, const struct deep_call *c)
{
	int domain = 0;
	socklen_t size = sizeof(domain);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX &&
	       c->address_size <= sizeof(struct sockaddr_un);
}

/*
 * The address as it goes to the kernel. A path becomes the way through an fd of ours that holds the
 * socket (or, for bind, its directory), so that no name of the caller's is looked at again. What is
 * not there, or is there already, is so for the kernel as well: it has other errors to tell first.
 */
static int put_address(const struct deep_call *c, const struct found *object,
		       const struct subject *s, struct job *job)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int n;

	if (!c->has_address)
		return 0;
	memcpy(&job->address, c->address, c->address_size);
	job->address_size = (socklen_t)c->address_size;
	if (s->address == c->address || !takes_path(job->fd, c))
		return 0;
	if (object->fd >= 0)
		n = snprintf(un.sun_path, sizeof(un.sun_path), "/proc/self/fd/%d", object->fd);
	else if (c->shape->kind == KIND_BIND)
		n = snprintf(un.sun_path, sizeof(un.sun_path), "/proc/self/fd/%d/%s",
			     object->parent, object->name);
	else
		n = snprintf(un.sun_path, sizeof(un.sun_path), "/proc/self/fd/none");
	if (n < 0 || (size_t)n >= sizeof(un.sun_path))
		return -ENAMETOOLONG;
	memcpy(&job->address, &un, sizeof(un));
	job->address_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)n + 1);
	return 0;
}

static bool is_stream(int fd)
{
	int type = 0;
	socklen_t size = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

static int put_data(const struct deep_call *c, struct job *job)
{
	size_t most = c->data_size < DATA_MOST ? (size_t)c->data_size : DATA_MOST;
	int err;

	if (c->has_control)
		return -EOPNOTSUPP; /* files and identities in it would have to be ours */
	if (c->flags & MSG_ZEROCOPY)
		return -EOPNOTSUPP;
	if (c->data_size > DATA_MOST && !is_stream(job->fd))
		return -EMSGSIZE;
	job->data = malloc(most ? most : 1);
	if (!job->data)
		return -ENOMEM;
	err = copy_data(c, job->data, &job->size);
	if (err != -EFAULT)
		return err;
	/* When the kernel comes to bad memory is its own affair: NULL of ours is as bad. */
	free(job->data);
	job->data = NULL;
	job->size = most;
	return 0;
}

/*
 * sendmmsg says in the caller's memory how much of each message went out. The number is the caller's as
 * long as its call waits; then another thread's new image may have it. None comes between the question
 * and the writing: who execs beside other threads is followed to the end of that.
 */
static long write_reply(struct warden *w, const struct job *job)
{
	uint32_t sent = (uint32_t)job->result;
	struct iovec here = { &sent, sizeof(sent) };
	struct iovec there = { (void *)(uintptr_t)job->reply, sizeof(sent) };

	if (!w->backend->valid(w, &job->held))
		return -ESRCH; /* nobody is left to hear it */
	if (process_vm_writev(job->held.tid, &here, 1, &there, 1, 0) != (ssize_t)sizeof(sent))
		return -EFAULT;
	return 1; /* message */
}

static void finish(struct warden *w, struct job *job)
{
	if (job->kind == JOB_SEND && job->result >= 0 && job->reply)
		job->result = write_reply(w, job);
	/* The signal is the caller's, not ours. */
	if (job->kind == JOB_SEND && job->result == -EPIPE && !(job->flags & MSG_NOSIGNAL) &&
	    w->backend->valid(w, &job->held))
		(void)syscall(SYS_tgkill, job->tgid, job->held.tid, SIGPIPE);
	(void)answer_result(w, &job->held, job->result);
	job_release(job);
}

void act_done(struct warden *w, struct job *job)
{
	/* EINTR: we ended its waiting, because the caller is gone. */
	if (job->kind != JOB_OPEN) {
		finish(w, job);
		return;
	}
	if (job->result < 0)
		(void)answer_result(w, &job->held, job->result);
	else
		(void)answer_file(w, &job->held, (int)job->result, job->cloexec);
	job_release(job);
}

/* True when it is over; else it has to wait. */
static bool try_now(struct job *job, bool waits)
{
	int flags = job->flags;

	if (job->kind == JOB_CONNECT) {
		if (waits)
			return false;
		job_work(job);
		return true;
	}
	job->whole = false;
	job->flags |= MSG_DONTWAIT;
	job_work(job);
	job->flags = flags;
	if (!waits)
		return true;
	if (job->result == -EAGAIN)
		return false;
	/* A part of it; who waits sends all. */
	return job->result < 0 || (size_t)job->result == job->size;
}

/* What went out already is taken off the data; a result counts all of it. */
static void send_the_rest(struct job *job)
{
	if (job->kind != JOB_SEND)
		return;
	job->whole = is_stream(job->fd);
	if (job->result > 0)
		job->sent = (size_t)job->result;
}

static void do_bind(struct warden *w, struct job *job, mode_t mask)
{
	mode_t before = umask(mask);

	job_work(job);
	umask(before);
	finish(w, job);
}

static int prepare(const struct deep_call *c, struct found *object, const struct subject *s,
		   struct job *job)
{
	int err;

	job->fd = take_file(&c->held, c->tgid, c->fd);
	if (job->fd < 0)
		return job->fd;
	err = put_address(c, object, s, job);
	if (!err && job->kind == JOB_SEND)
		err = put_data(c, job);
	if (!err && c->shape->kind == KIND_SENDMMSG)
		job->reply = c->held.args[1] + message_bytes(&layout_own);
	return err;
}

static enum job_kind kind_of(const struct deep_call *c)
{
	if (c->shape->kind >= KIND_SENDTO)
		return JOB_SEND;
	return c->shape->kind == KIND_BIND ? JOB_BIND : JOB_CONNECT;
}

void act_socket(struct warden *w, const struct view *v, const struct deep_call *c,
		struct found *object, const struct subject *subject)
{
	struct job job = { .kind = kind_of(c),
			   .held = c->held,
			   .tgid = c->tgid,
			   .loan = v->loan,
			   .fd = -1,
			   .object = -1,
			   .flags = (int)c->flags };
	int err, state;

	if (sends_nothing(c)) { /* nothing is read for it, so the kernel may do it */
		(void)w->backend->let(w, &c->held);
		return;
	}
	err = prepare(c, object, subject, &job);
	/* Another socket may have come under that number since. */
	if (!err && w->policy->judge && c->has_address &&
	    judge_call_of(w->policy, c, subject, job.fd).action != POLICY_ALLOW)
		err = -EPERM;
	if (err) {
		(void)answer_result(w, &c->held, err);
		job_release(&job);
		return;
	}
	if (job.kind == JOB_BIND) {
		do_bind(w, &job, subject->umask);
		return;
	}
	job.object = object->fd;
	object->fd = -1;
	state = fcntl(job.fd, F_GETFL);
	if (try_now(&job, state >= 0 && !(state & O_NONBLOCK) && !(c->flags & MSG_DONTWAIT))) {
		finish(w, &job);
		return;
	}
	send_the_rest(&job);
	err = pool_start(w, &job);
	if (!err)
		return;
	job_release(&job);
	judge_not(w, c, EAGAIN, "too many calls are waiting already");
}
