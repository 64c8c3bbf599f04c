// SPDX-License-Identifier: Apache-2.0
#include "view.h"

#include "credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct our_namespace {
	const char *name; /* in /proc/PID/ns */
	bool known, only; /* a kernel without this kind of namespace has but one */
	struct stat stat; /* we never leave it */
};

static bool know(struct our_namespace *n)
{
	char path[48];

	snprintf(path, sizeof(path), "/proc/self/ns/%s", n->name);
	n->known = n->known || stat(path, &n->stat) == 0;
	n->only = !n->known && errno == ENOENT;
	return n->known;
}

static bool shares(const struct view *v, enum view_namespace which)
{
	static struct our_namespace namespaces[] = {
		[VIEW_USER] = { .name = "user" },
		[VIEW_PID] = { .name = "pid" },
		[VIEW_MOUNT] = { .name = "mnt" },
	};
	struct our_namespace *n = &namespaces[which];
	struct stat its;
	char path[48];

	if (!know(n))
		return n->only;
	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)v->tid, n->name);
	return stat(path, &its) == 0 && its.st_dev == n->stat.st_dev &&
	       its.st_ino == n->stat.st_ino;
}

/* A look at the caller is our own affair, also in the middle of what is done for it. */
bool view_shares(const struct view *v, enum view_namespace which)
{
	bool same;

	loan_end(&v->loan);
	same = shares(v, which);
	return loan_begin(&v->loan) == 0 && same;
}

/* What we may and the caller may not, it would get by asking us. */
static struct loan terms_of(const struct view *v, const struct credentials *its,
			    const struct credentials *ours)
{
	uint64_t both = ours->capabilities & its->capabilities;

	/* Those that it has in a namespace of its own are worth nothing in ours. */
	return (struct loan){ ours->capabilities, both && shares(v, VIEW_USER) ? both : 0 };
}

static int open_at(pid_t tid, const char *what, int flags)
{
	char path[48];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)tid, what);
	fd = open(path, O_PATH | O_CLOEXEC | flags);
	return fd < 0 ? -errno : fd;
}

/* Where a link of /proc leads; `path` is from this directory, unless it is absolute. */
static int read_link(int dirfd, const char *path, char *out, size_t size)
{
	ssize_t n = readlinkat(dirfd, path, out, size);

	if (n < 0)
		return -errno;
	if ((size_t)n == size)
		return -ENAMETOOLONG;
	out[n] = '\0';
	return 0;
}

int view_own_files(void)
{
	static int files = -1;

	if (files < 0)
		files = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return files;
}

int view_place(int fd, char *out, size_t size)
{
	char name[16];

	snprintf(name, sizeof(name), "%d", fd);
	return read_link(view_own_files(), name, out, size);
}

static int link_of_its(pid_t pid, int fd, char *out, size_t size)
{
	char path[48];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
	return read_link(AT_FDCWD, path, out, size);
}

/*
 * Who runs under us has our credentials and keeps them, if they are one user's with nothing
 * permitted: no_new_privs lets no exec give it others. Only in a namespace that somebody outside has
 * mapped more users into could it become one of those.
 */
static bool has_ours_for_good(const struct view *v, const struct credentials *ours)
{
	return ours->one_id && !ours->permitted && shares(v, VIEW_USER);
}

static int read_its(struct view *v, unsigned purpose)
{
	static struct credentials its;
	const struct credentials *ours = credentials_ours();
	char path[32];
	int err;

	if (!ours)
		return -ESRCH;
	if (!(purpose & VIEW_MAKES) && (!(purpose & VIEW_ACTS) || has_ours_for_good(v, ours)))
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)v->tid);
	err = credentials_read(path, &its);
	if (err)
		return err;
	if (purpose & VIEW_ACTS && !credentials_agree(&its, ours))
		return -EPERM;
	if (purpose & VIEW_ACTS)
		v->loan = terms_of(v, &its, ours);
	v->umask = its.umask;
	return 0;
}

/* Directories are open to who has these, whatever their modes. */
#define LOOKING (1ull << CAP_DAC_OVERRIDE | 1ull << CAP_DAC_READ_SEARCH)

bool view_is_its_own(const struct view *v)
{
	struct view acting = *v;

	return v->acts || (read_its(&acting, VIEW_ACTS) == 0 &&
			   !(acting.loan.own & ~acting.loan.lent & LOOKING));
}

/* Most callers have our own root, and that is "/". Before 5.8 mounts had no number to tell by. */
static bool is_our_root(int fd)
{
	static struct statx ours;
	struct statx its;

	if (!ours.stx_mask && statx(AT_FDCWD, "/", 0, STATX_INO | STATX_MNT_ID, &ours) < 0)
		return false;
	return ours.stx_mask & STATX_MNT_ID &&
	       statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &its) == 0 &&
	       its.stx_mnt_id == ours.stx_mnt_id && its.stx_ino == ours.stx_ino;
}

int view_open(struct view *v, pid_t tid, pid_t tgid, unsigned purpose)
{
	int err;

	*v = (struct view){
		.tid = tid, .tgid = tgid, .root = -1, .root_path = "/", .acts = purpose & VIEW_ACTS
	};
	err = read_its(v, purpose);
	if (err)
		return err;
	v->root = open_at(tid, "root", O_DIRECTORY);
	if (v->root < 0)
		return v->root == -ENOENT ? -ESRCH : v->root; /* gone, or hidden */
	v->ours = is_our_root(v->root);
	v->elsewhere = !v->ours && !shares(v, VIEW_MOUNT);
	if (v->elsewhere) /* no place of ours */
		strcpy(v->root_path, "elsewhere");
	else if (!v->ours)
		err = view_place(v->root, v->root_path, sizeof(v->root_path));
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

const char *view_seen(const struct view *v, const char *place)
{
	size_t n = strlen(v->root_path);

	if (n <= 1 || strncmp(place, v->root_path, n) || (place[n] && place[n] != '/'))
		return place;
	return place[n] ? place + n : "/";
}

static void strip_root(const struct view *v, char *path)
{
	const char *seen = view_seen(v, path);

	if (seen != path)
		memmove(path, seen, strlen(seen) + 1);
}

bool view_is_true(const struct view *v, int fd, const char *place)
{
	struct stat there, st;
	bool same;

	if (fstat(fd, &st) < 0)
		return false;
	if (place[0] != '/' || !st.st_nlink)
		return true;
	loan_end(&v->loan);
	same = fstatat(AT_FDCWD, place, &there, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) == 0 &&
	       there.st_dev == st.st_dev && there.st_ino == st.st_ino;
	return loan_begin(&v->loan) == 0 && same;
}

int view_path(const struct view *v, int fd, char *out, size_t size)
{
	int err = view_place(fd, out, size);

	if (!err)
		strip_root(v, out);
	return err;
}

bool view_sees_files(const struct view *v)
{
	char none[2];

	/* Whether there is such a file does not matter. */
	return link_of_its(v->tid, 0, none, sizeof(none)) != -EACCES;
}

int view_place_of_its(const struct view *v, int fd, char *out, size_t size)
{
	return link_of_its(v->tid, fd, out, size);
}

int view_stat_of_its(const struct view *v, int fd, struct stat *out)
{
	char path[48];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)v->tid, fd);
	return stat(path, out) < 0 ? -errno : 0;
}

int view_path_of_its(const struct view *v, int fd, char *out, size_t size)
{
	int err = link_of_its(v->tid, fd, out, size);

	if (!err)
		strip_root(v, out);
	return err;
}
