// SPDX-License-Identifier: Apache-2.0
#include "walker.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

unsigned long walker_mount_of(int fd)
{
	struct statx x;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &x) < 0 || !(x.stx_mask & STATX_MNT_ID))
		return 0;
	return (unsigned long)x.stx_mnt_id;
}

int walker_check_mount(const struct walker *w, int fd)
{
	return w->rules->resolve & RESOLVE_NO_XDEV && walker_mount_of(fd) != w->mount ? -EXDEV : 0;
}

static bool is_same(int a, int b)
{
	struct stat one, other;

	return fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_dev == other.st_dev &&
	       one.st_ino == other.st_ino && walker_mount_of(a) == walker_mount_of(b);
}

/* What has to be walked from the scope's root to this, if the names of both are true; else NULL. */
static const char *way_down(const struct walker *w, int fd, char *room, size_t size)
{
	char root[PATH_MAX];
	size_t n;

	if (view_place(w->root, root, sizeof(root)) || view_place(fd, room, size))
		return NULL;
	n = strcmp(root, "/") ? strlen(root) : 0;
	return !strncmp(room, root, n) && room[n] == '/' && room[n + 1] ? room + n + 1 : NULL;
}

/*
 * A directory that is moved away while the walk is in it takes the walk out of its scope. By its name
 * the kernel is asked, who is not deceived by renames, whether it finds the same below.
 */
int walker_check_scope(const struct walker *w, int fd)
{
	struct open_how how = { .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
	char room[PATH_MAX];
	const char *way;
	bool same;
	int below;

	if (!(w->rules->resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) || is_same(fd, w->root))
		return 0;
	way = way_down(w, fd, room, sizeof(room));
	if (!way)
		return -EAGAIN;
	below = (int)syscall(SYS_openat2, w->root, way, &how, sizeof(how));
	if (below < 0)
		return -EAGAIN;
	same = is_same(below, fd);
	close(below);
	return same ? 0 : -EAGAIN;
}

int walker_enter(struct walker *w, int fd)
{
	bool in_proc = proc_is_mounted_at(fd);
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode)) {
		close(fd);
		return -ENOTDIR;
	}
	/*
	 * Within procfs names tell whose process a file is about. Who comes in by another door than
	 * its root (a bind mount, a link to a directory there) could reach our own.
	 */
	if (in_proc && !(w->in_proc && w->at >= 0) && st.st_ino != PROC_ROOT) {
		close(fd);
		return -EACCES;
	}
	if (w->at >= 0 && walker_check_mount(w, fd)) {
		close(fd);
		return -EXDEV;
	}
	if (w->at >= 0)
		close(w->at);
	w->at = fd;
	w->at_stat = st;
	w->in_proc = in_proc;
	return 0;
}

int walker_enter_copy(struct walker *w, int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	return copy < 0 ? -errno : walker_enter(w, copy);
}

int walker_begin_at_root(struct walker *w)
{
	w->in_proc = false;
	w->sure = w->view->ours && w->root == w->view->root;
	return walker_enter_copy(w, w->root);
}

int walker_go_up(struct walker *w)
{
	int fd, err;

	if (w->at_stat.st_dev == w->root_stat.st_dev && w->at_stat.st_ino == w->root_stat.st_ino)
		return w->rules->resolve & RESOLVE_BENEATH ? -EXDEV : 0;
	fd = openat(w->at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	err = fd < 0 ? -errno : walker_enter(w, fd);
	return err ? err : walker_check_scope(w, w->at);
}

int walker_prepend(struct walker *w, const char *text)
{
	size_t n = strlen(text), left = strlen(w->rest);

	if (!n)
		return -ENOENT;
	if (n + left + 1 > sizeof(w->rest))
		return -ENAMETOOLONG;
	memmove(w->rest + n, w->rest, left + 1);
	memcpy(w->rest, text, n);
	return 0;
}

int walker_restart_if_absolute(struct walker *w)
{
	if (w->rest[0] != '/')
		return 0;
	if (w->rules->resolve & RESOLVE_BENEATH)
		return -EXDEV;
	return walker_begin_at_root(w);
}
