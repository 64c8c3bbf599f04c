// SPDX-License-Identifier: Apache-2.0
#include "view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATUS_ROOM 8192u

struct credentials {
	unsigned long fsuid, fsgid;
	uint64_t capabilities;
	mode_t umask;
	char groups[2048];
};

static const char *field(const char *status, const char *name)
{
	const char *at = strstr(status, name);

	return at ? at + strlen(name) : NULL;
}

/* The last of real, effective, saved and of the filesystem. */
static int fourth(const char *at, unsigned long *out)
{
	char *end;

	for (int i = 0; at && i < 4; i++, at = end) {
		*out = strtoul(at, &end, 10);
		if (end == at)
			return -EINVAL;
	}
	return at ? 0 : -EINVAL;
}

static int parse(const char *status, struct credentials *out)
{
	const char *groups = field(status, "\nGroups:"), *caps = field(status, "\nCapEff:");
	const char *mask = field(status, "\nUmask:");
	size_t n = groups ? strcspn(groups, "\n") : 0;

	if (!groups || !caps || !mask || n >= sizeof(out->groups))
		return -EINVAL;
	memcpy(out->groups, groups, n);
	out->groups[n] = '\0';
	out->capabilities = strtoull(caps, NULL, 16);
	out->umask = (mode_t)strtoul(mask, NULL, 8);
	if (fourth(field(status, "\nUid:"), &out->fsuid))
		return -EINVAL;
	return fourth(field(status, "\nGid:"), &out->fsgid);
}

static int read_credentials(const char *path, struct credentials *out)
{
	char status[STATUS_ROOM];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	n = read(fd, status, sizeof(status) - 1);
	close(fd);
	if (n < 0)
		return -errno;
	status[n] = '\0';
	return parse(status, out);
}

/* They never change: what is lent comes back before we are asked. NULL when they cannot be read. */
static const struct credentials *our_credentials(void)
{
	static struct credentials ours;
	static bool known;

	known = known || !read_credentials("/proc/self/status", &ours);
	return known ? &ours : NULL;
}

static bool shares(const struct view *v, const char *namespace_name)
{
	char ours[48], its[48];
	struct stat a, b;

	snprintf(ours, sizeof(ours), "/proc/self/ns/%s", namespace_name);
	snprintf(its, sizeof(its), "/proc/%d/ns/%s", (int)v->tid, namespace_name);
	/* A kernel without this kind of namespace has but one. */
	if (stat(ours, &a) < 0)
		return errno == ENOENT;
	return stat(its, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* A look at the caller is our own affair, also in the middle of what is done for it. */
bool view_shares(const struct view *v, const char *namespace_name)
{
	bool same;

	loan_end(&v->loan);
	same = shares(v, namespace_name);
	return loan_begin(&v->loan) == 0 && same;
}

static bool is_our_equal(const struct credentials *its, const struct credentials *ours)
{
	return its->fsuid == ours->fsuid && its->fsgid == ours->fsgid &&
	       !strcmp(its->groups, ours->groups);
}

/* What we may and the caller may not, it would get by asking us. */
static struct loan terms_of(const struct view *v, const struct credentials *its,
			    const struct credentials *ours)
{
	uint64_t both = ours->capabilities & its->capabilities;

	/* Those that it has in a namespace of its own are worth nothing in ours. */
	return (struct loan){ ours->capabilities, both && shares(v, "user") ? both : 0 };
}

static int open_at(pid_t tid, const char *what, int flags)
{
	char path[48];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)tid, what);
	fd = open(path, O_PATH | O_CLOEXEC | flags);
	return fd < 0 ? -errno : fd;
}

/* Where a link of /proc leads. */
static int read_link(const char *path, char *out, size_t size)
{
	ssize_t n = readlink(path, out, size);

	if (n < 0)
		return -errno;
	if ((size_t)n == size)
		return -ENAMETOOLONG;
	out[n] = '\0';
	return 0;
}

static int link_of(pid_t pid, int fd, char *out, size_t size)
{
	char path[48];

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
	else
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return read_link(path, out, size);
}

int view_open(struct view *v, pid_t tid, pid_t tgid, bool doing)
{
	static struct credentials its;
	const struct credentials *ours;
	char path[32];
	int err;

	*v = (struct view){ .tid = tid, .tgid = tgid, .root = -1 };
	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	err = read_credentials(path, &its);
	if (err)
		return err;
	ours = our_credentials();
	if (!ours)
		return -ESRCH;
	if (doing && !is_our_equal(&its, ours))
		return -EPERM;
	if (doing)
		v->loan = terms_of(v, &its, ours);
	v->umask = its.umask;
	v->root = open_at(tid, "root", O_DIRECTORY);
	if (v->root < 0)
		return v->root;
	err = link_of(0, v->root, v->root_path, sizeof(v->root_path));
	if (err)
		view_close(v);
	return err;
}

void view_close(struct view *v)
{
	if (v->root >= 0)
		close(v->root);
	v->root = -1;
}

int view_directory(const struct view *v, int dirfd)
{
	char what[24] = "cwd";
	int fd;

	if (dirfd < 0 && dirfd != AT_FDCWD)
		return -EBADF;
	if (dirfd != AT_FDCWD)
		snprintf(what, sizeof(what), "fd/%d", dirfd);
	loan_end(&v->loan);
	fd = open_at(v->tid, what, O_DIRECTORY);
	if (loan_begin(&v->loan)) {
		if (fd >= 0)
			close(fd);
		return -EPERM;
	}
	return fd == -ENOENT && dirfd != AT_FDCWD ? -EBADF : fd;
}

/* Takes the caller's root off the front; what lies outside of it stays as it is. */
static void strip_root(const struct view *v, char *path)
{
	size_t n = strlen(v->root_path);

	if (n <= 1 || strncmp(path, v->root_path, n) || (path[n] && path[n] != '/'))
		return;
	memmove(path, path + n, strlen(path + n) + 1);
	if (!*path)
		memcpy(path, "/", 2);
}

int view_path(const struct view *v, int fd, char *out, size_t size)
{
	int err = link_of(0, fd, out, size);

	if (!err)
		strip_root(v, out);
	return err;
}

bool view_sees_files(const struct view *v)
{
	char none[2];

	/* Whether there is such a file does not matter. */
	return link_of(v->tid, 0, none, sizeof(none)) != -EACCES;
}

int view_path_of_its(const struct view *v, int fd, char *out, size_t size)
{
	int err = link_of(v->tid, fd, out, size);

	if (!err)
		strip_root(v, out);
	return err;
}
