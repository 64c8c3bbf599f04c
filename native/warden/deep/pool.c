// SPDX-License-Identifier: Apache-2.0
#include "pool.h"

#include "view.h"

#include "../warden.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STACK_BYTES (256u << 10)
#define CANCEL	    SIGUSR1

struct slot {
	bool busy;
	pthread_t thread;
	struct job job;
};

static struct slot slots[POOL_JOBS];
static unsigned busy;
static int done[2] = { -1, -1 };

static long open_object(const struct job *job)
{
	char name[16];
	long fd;

	snprintf(name, sizeof(name), "%d", job->fd);
	fd = syscall(SYS_openat, view_own_files(), name, job->flags, 0);
	return fd < 0 ? -errno : fd;
}

static long send_data(const struct job *job)
{
	const struct sockaddr *to =
		job->address_size ? (const struct sockaddr *)(const void *)&job->address : NULL;
	size_t sent = job->sent;

	do {
		/* No data: memory that could not be read, as the kernel will say. */
		ssize_t n = sendto(job->fd, job->data ? job->data + sent : NULL, job->size - sent,
				   job->flags | MSG_NOSIGNAL, to, job->address_size);

		if (n < 0)
			return sent ? (long)sent : -errno;
		sent += (size_t)n;
	} while (job->whole && sent < job->size);
	return (long)sent;
}

static long make_call(const struct job *job)
{
	const struct sockaddr *to = (const struct sockaddr *)(const void *)&job->address;

	switch (job->kind) {
	case JOB_OPEN:
		return open_object(job);
	case JOB_SEND:
		return send_data(job);
	case JOB_BIND:
		return bind(job->fd, to, job->address_size) < 0 ? -errno : 0;
	default:
		return connect(job->fd, to, job->address_size) < 0 ? -errno : 0;
	}
}

void job_work(struct job *job)
{
	job->result = loan_begin(&job->loan);
	if (job->result)
		return;
	job->result = make_call(job);
	loan_end(&job->loan);
}

void job_release(struct job *job)
{
	if (job->fd >= 0)
		close(job->fd);
	if (job->object >= 0)
		close(job->object);
	free(job->data);
	job->fd = job->object = -1;
	job->data = NULL;
}

static void *run_job(void *argument)
{
	struct slot *slot = argument;
	unsigned char place = (unsigned char)(slot - slots);
	sigset_t cancel;

	sigemptyset(&cancel);
	sigaddset(&cancel, CANCEL);
	pthread_sigmask(SIG_UNBLOCK, &cancel, NULL);
	job_work(&slot->job);
	/* The pipe has room for far more bytes than there are slots. */
	while (write(done[1], &place, 1) < 0 && errno == EINTR)
		;
	return NULL;
}

static void on_cancel(int signal)
{
	(void)signal; /* it is there to end a wait with EINTR */
}

static int open_pipe(struct warden *w)
{
	struct sigaction action = { .sa_handler = on_cancel };
	struct epoll_event event = { .events = EPOLLIN };

	if (done[0] >= 0)
		return 0;
	if (pipe2(done, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	event.data.u64 = EVENT_IS_FD | (unsigned)done[0];
	if (sigaction(CANCEL, &action, NULL) < 0 ||
	    epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, done[0], &event) < 0)
		return -errno;
	return 0;
}

/* Signals are taken by the main thread alone. */
static int start_thread(struct slot *slot)
{
	sigset_t all, before;
	pthread_attr_t attr;
	int err = pthread_attr_init(&attr);

	if (err)
		return -err;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	err = pthread_create(&slot->thread, &attr, run_job, slot);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return -err;
}

int pool_start(struct warden *w, const struct job *job)
{
	int err = open_pipe(w);

	for (unsigned i = 0; !err && i < POOL_JOBS; i++) {
		if (slots[i].busy)
			continue;
		slots[i].job = *job;
		err = start_thread(&slots[i]);
		slots[i].busy = !err;
		busy += !err;
		return err;
	}
	return err ? err : -EAGAIN;
}

int pool_fd(void)
{
	return done[0];
}

bool pool_take(struct job *out)
{
	unsigned char place;

	if (done[0] < 0 || read(done[0], &place, 1) != 1)
		return false;
	pthread_join(slots[place].thread, NULL);
	slots[place].busy = false;
	busy--;
	*out = slots[place].job;
	return true;
}

bool pool_is_busy(void)
{
	return busy;
}

bool pool_holds(struct warden *w, pid_t tid)
{
	for (unsigned i = 0; busy && i < POOL_JOBS; i++)
		if (slots[i].busy && slots[i].job.held.tid == tid &&
		    w->backend->valid(w, &slots[i].job.held))
			return true;
	return false;
}

void pool_tick(struct warden *w)
{
	for (unsigned i = 0; busy && i < POOL_JOBS; i++)
		if (slots[i].busy && !w->backend->valid(w, &slots[i].job.held))
			pthread_kill(slots[i].thread, CANCEL);
}
