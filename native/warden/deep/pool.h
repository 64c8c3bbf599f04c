/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that may wait, made on their callers' behalf by threads of their own, so that the one loop
 * never waits. A thread makes nothing but that call and touches nothing but its job.
 */
#ifndef PF_DEEP_POOL_H
#define PF_DEEP_POOL_H

#include "../backend.h"
#include "../capabilities.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#define POOL_JOBS 32u

enum job_kind { JOB_OPEN, JOB_CONNECT, JOB_BIND, JOB_SEND };

struct job {
	enum job_kind kind;
	struct held held;
	pid_t tgid;
	struct loan loan;
	int fd;	    /* the socket, or an O_PATH of what is to be opened; closed at the end */
	int object; /* an O_PATH that the address leads through, or -1; closed at the end */
	int flags;  /* of open or send */
	bool cloexec;
	struct sockaddr_storage address;
	socklen_t address_size; /* 0: none */
	uint8_t *data;	   /* from malloc; freed at the end. NULL: bad memory of the caller's */
	size_t size, sent; /* of `size` bytes these are out already */
	bool whole;	   /* all of the data, as a blocking stream does */
	long result;	   /* or -errno */
	uint64_t
		reply; /* where the caller wants the result as well, as sendmmsg has it; 0: nowhere */
};

struct warden;

/* Makes the call now, in this thread. */
void job_work(struct job *job);
/* What the job holds is given back. */
void job_release(struct job *job);
/* Hands a copy of the job to a thread. 0, -EAGAIN when there are too many, or -errno. */
int pool_start(struct warden *w, const struct job *job);
/* -1 until the first job; readable when one is done. */
int pool_fd(void);
/* The next job that is done. */
bool pool_take(struct job *out);
bool pool_is_busy(void);
/* Whether this task's call is under way. */
bool pool_holds(struct warden *w, pid_t tid);
/* Ends the waiting of those whose callers are gone. To be called now and then while it is busy. */
void pool_tick(struct warden *w);

#endif
