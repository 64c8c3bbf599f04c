// SPDX-License-Identifier: Apache-2.0
#include "act.h"

#include "answer.h"

#include "../profile/calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define TTY_MAJOR 5 /* /dev/tty is 5:0: the terminal of whoever opens it */

#define TMPFILE ((uint64_t)(O_TMPFILE & ~O_DIRECTORY))

/* We must not come by a terminal of our own. */
#define OUR_FLAGS (O_NOCTTY | O_CLOEXEC)

/* What the kernel says of an object before it is opened; 0: it may be. */
static int check_object(const struct deep_call *c, const struct found *object)
{
	uint64_t flags = c->how.flags;
	mode_t type = object->stat.st_mode & S_IFMT;
	int error = call_open_errno(flags, object->stat.st_mode);

	if (flags & O_PATH)
		return -EOPNOTSUPP; /* the kernel gives no such file away (ADDFD takes none) */
	if (object->fd < 0 || error)
		return -error;
	if (type == S_IFCHR && object->stat.st_rdev == makedev(TTY_MAJOR, 0))
		return -ENXIO;
	/* As fs.protected_regular and fs.protected_fifos would have it. */
	if (flags & O_CREAT && object->sticky && type != S_IFDIR &&
	    object->stat.st_uid != geteuid())
		return -EACCES;
	return 0;
}

/* Only what was not there: else it would have to be judged where it really is. */
static long create(const struct view *v, const struct deep_call *c, const struct found *object)
{
	int flags = (int)(uint32_t)c->how.flags | O_CREAT | O_EXCL | O_NOFOLLOW | OUR_FLAGS;
	mode_t before = umask(v->umask);
	long fd = syscall(SYS_openat, object->parent, object->name, flags, (int)c->how.mode);
	long result = fd < 0 ? -errno : fd;

	umask(before);
	return result;
}

static long create_unnamed(const struct view *v, const struct deep_call *c,
			   const struct found *object)
{
	mode_t before = umask(v->umask);
	char path[32];
	long fd, result;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", object->fd);
	fd = syscall(SYS_openat, AT_FDCWD, path, (int)(uint32_t)c->how.flags | OUR_FLAGS,
		     (int)c->how.mode);
	result = fd < 0 ? -errno : fd;
	umask(before);
	return result;
}

/* It was opened so as not to wait, and is not to be like that; flags are those it was opened with. */
static long make_blocking(long fd, int flags)
{
	if (fcntl((int)fd, F_SETFL, flags & ~O_NONBLOCK) == 0)
		return fd;
	close((int)fd);
	return -EIO;
}

static void deliver(struct warden *w, const struct held *call, long result, bool cloexec)
{
	if (result < 0)
		(void)answer_result(w, call, result); /* ENOENT: the caller is gone */
	else
		(void)answer_file(w, call, (int)result, cloexec);
}

static void open_in_time(struct warden *w, const struct deep_call *c, struct job *job)
{
	int err = pool_start(w, job);

	if (!err)
		return;
	job_release(job);
	judge_not(w, c, EAGAIN, "too many calls are waiting already");
}

/* The object itself, by the fd that holds it: no name is looked at again. */
static void open_object(struct warden *w, const struct view *v, const struct deep_call *c,
			struct found *object)
{
	int flags = (int)(uint32_t)c->how.flags & ~(O_CREAT | O_EXCL | O_NOFOLLOW);
	mode_t type = object->stat.st_mode & S_IFMT;
	struct job job = {
		.kind = JOB_OPEN,
		.held = c->held,
		.tgid = c->tgid,
		.loan = v->loan,
		.fd = object->fd,
		.object = -1,
		.flags = flags | OUR_FLAGS | O_NONBLOCK,
		.cloexec = c->how.flags & O_CLOEXEC,
	};

	object->fd = -1;
	/* A lease makes even a plain file wait. */
	if (type == S_IFREG || type == S_IFDIR || flags & O_NONBLOCK) {
		job_work(&job);
		if (job.result != -EAGAIN || flags & O_NONBLOCK) {
			if (job.result >= 0 && !(flags & O_NONBLOCK))
				job.result = make_blocking(job.result, job.flags);
			deliver(w, &c->held, job.result, job.cloexec);
			job_release(&job);
			return;
		}
	}
	job.flags = flags | OUR_FLAGS;
	open_in_time(w, c, &job);
}

int act_open(struct warden *w, const struct view *v, const struct deep_call *c,
	     struct found *object)
{
	int err = check_object(c, object);
	long fd;

	if (err) {
		(void)answer_result(w, &c->held, err);
		return 0;
	}
	if (object->fd >= 0 && !(c->how.flags & TMPFILE)) {
		open_object(w, v, c, object);
		return 0;
	}
	fd = loan_begin(&v->loan);
	if (!fd) {
		fd = object->fd < 0 ? create(v, c, object) : create_unnamed(v, c, object);
		loan_end(&v->loan);
	}
	if (fd == -EEXIST && !(c->how.flags & O_EXCL))
		return -EEXIST; /* somebody was quicker */
	deliver(w, &c->held, fd, c->how.flags & O_CLOEXEC);
	return 0;
}
