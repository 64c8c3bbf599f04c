// SPDX-License-Identifier: Apache-2.0
#include "walker.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAMES_READ 8  /* so often a name is read that is not what it was */
#define LINKS_MOST 40 /* as the kernel: MAXSYMLINKS */
#define RESOLVE_KNOWN                                                                              \
	(RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH |         \
	 RESOLVE_IN_ROOT | RESOLVE_CACHED)

void found_release(struct found *f)
{
	if (f->fd >= 0)
		close(f->fd);
	if (f->parent >= 0)
		close(f->parent);
	f->fd = f->parent = -1;
}

/* In a sticky directory that all may write, a link of a stranger's leads nowhere. */
static bool is_trap(const struct walker *w, const struct stat *link)
{
	return (w->at_stat.st_mode & (S_ISVTX | S_IWOTH)) == (S_ISVTX | S_IWOTH) &&
	       link->st_uid != geteuid() && link->st_uid != w->at_stat.st_uid;
}

/* The text of a link; 1 when it has none, because the kernel alone knows where it leads. */
static int read_text(const struct walker *w, int link, const char *name, char *out, size_t size)
{
	ssize_t n;
	int err;

	if (w->in_proc && w->at_stat.st_ino != PROC_ROOT)
		return 1;
	err = w->in_proc ? proc_name_the_caller(w, name, out, size) : 0;
	if (err)
		return err < 0 ? err : 0;
	n = readlinkat(link, "", out, size);
	if (n < 0)
		return -errno;
	if ((size_t)n == size)
		return -ENAMETOOLONG;
	out[n] = '\0';
	return 0;
}

/* A link of a process's: to its directory, its file, its root. Returns an O_PATH fd or -errno. */
static int jump(const struct walker *w, const char *name)
{
	int fd;

	if (w->rules->resolve & (RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS))
		return -ELOOP;
	if (w->rules->resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT))
		return -EXDEV;
	fd = openat(w->at, name, O_PATH | O_CLOEXEC);
	if (fd >= 0 && proc_is_mounted_at(fd)) { /* nothing tells whose it is */
		struct stat st;

		if (fstat(fd, &st) < 0 || st.st_ino != PROC_ROOT) {
			close(fd);
			return -EACCES;
		}
	}
	return fd < 0 ? -errno : fd;
}

/* Cuts the next component off. 1: there is one; 0: the path is at its end. */
static int next_name(struct walker *w, char *name, bool *last, bool *slash)
{
	char *at = w->rest + strspn(w->rest, "/");
	size_t n = strcspn(at, "/"), gap = strspn(at + n, "/");

	if (!n)
		return 0;
	if (n > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, at, n);
	name[n] = '\0';
	*slash = gap > 0;
	*last = !at[n + gap];
	memmove(w->rest, at + n, strlen(at + n) + 1);
	return 1;
}

/* The object is there, or at least its name is: takes the walker's directory as its parent. */
static void finish(struct walker *w, int fd, const char *name, bool jumped)
{
	snprintf(w->out->name, sizeof(w->out->name), "%s", name);
	w->out->fd = fd;
	w->out->sticky = (w->at_stat.st_mode & (S_ISVTX | S_IWOTH)) == (S_ISVTX | S_IWOTH);
	if (!jumped) {
		w->out->parent = w->at;
		w->at = -1;
	}
}

static int follow(struct walker *w, int link, const struct stat *st, const char *name, bool last)
{
	char text[PATH_MAX];
	int err, fd;

	if (w->rules->resolve & RESOLVE_NO_SYMLINKS || ++w->links > LINKS_MOST)
		return -ELOOP;
	if (!w->in_proc && is_trap(w, st))
		return -EACCES;
	err = read_text(w, link, name, text, sizeof(text));
	if (err < 0)
		return err;
	if (!err) {
		err = walker_prepend(w, text);
		return err ? err : walker_restart_if_absolute(w);
	}
	fd = jump(w, name);
	if (fd < 0)
		return fd;
	if (last && walker_check_mount(w, fd)) {
		close(fd);
		return -EXDEV;
	}
	if (last) {
		w->sure = false;
		finish(w, fd, "", true);
		return 1;
	}
	w->in_proc = false;
	w->sure = false;
	return walker_enter(w, fd);
}

/* What a component has led to; takes `fd` over. As step. */
static int take(struct walker *w, int fd, const char *name, bool last, bool slash)
{
	int err = walker_check_mount(w, fd);
	struct stat st = { 0 };

	if (!err && fstat(fd, &st) < 0)
		err = -errno;
	if (!err && S_ISLNK(st.st_mode) && (!last || slash || !w->rules->keep_last_link)) {
		err = follow(w, fd, &st, name, last && !slash);
		close(fd);
		return err;
	}
	if (!err && !last)
		return walker_enter(w, fd);
	if (!err && slash && !S_ISDIR(st.st_mode))
		err = -ENOTDIR;
	if (!err && !w->in_proc && st.st_ino != PROC_ROOT && proc_is_mounted_at(fd))
		err = -EACCES; /* bound to where its name tells nothing */
	if (err) {
		close(fd);
		return err;
	}
	finish(w, fd, name, false);
	return 1;
}

/* One component. 1: what was looked for is in w->out; 0: go on; or -errno. */
static int step(struct walker *w, const char *name, bool last, bool slash)
{
	int fd, err = proc_check(w, name);

	if (err)
		return err;
	if (!strcmp(name, "."))
		return 0;
	if (!strcmp(name, ".."))
		return walker_go_up(w);
	fd = openat(w->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (last && slash && w->rules->creates && (fd >= 0 || errno == ENOENT)) {
		if (fd >= 0)
			close(fd);
		return -EISDIR;
	}
	if (fd < 0 && errno == ENOENT && last) {
		finish(w, -1, name, false);
		return 1;
	}
	return fd < 0 ? -errno : take(w, fd, name, last, slash);
}

/* From a directory inside procfs: by its name, so that whose it is can be seen. */
static int reroute(struct walker *w, int fd)
{
	char text[PATH_MAX];
	int err = view_path(w->view, fd, text, sizeof(text) - 1);

	if (err)
		return err;
	strcat(text, "/");
	err = walker_prepend(w, text);
	return err ? err : walker_restart_if_absolute(w);
}

static int begin(struct walker *w, int dirfd)
{
	uint64_t scoped = w->rules->resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT);
	struct stat st;
	int fd, err;

	if (!w->rest[0])
		return -ENOENT;
	if (w->rest[0] == '/' && !scoped) {
		w->mount = walker_mount_of(w->root);
		return walker_begin_at_root(w);
	}
	if (w->rest[0] == '/' && scoped & RESOLVE_BENEATH)
		return -EXDEV;
	fd = view_directory(w->view, dirfd);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0) {
		close(fd);
		return -errno;
	}
	w->mount = walker_mount_of(fd);
	if (proc_is_mounted_at(fd) && st.st_ino != PROC_ROOT) {
		err = scoped ? -EACCES : reroute(w, fd);
		close(fd);
		return err;
	}
	if (scoped) { /* kept open by `at` alone, so it has to be a copy */
		w->root = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		w->root_stat = st;
	}
	return walker_enter(w, fd);
}

/* A name that is read while it changes is none: so it is read again. */
static int name_place(const struct view *v, int fd, struct found *out, bool sure)
{
	int err = 0;

	out->elsewhere = true;
	for (int i = 0; !err && out->elsewhere && i < NAMES_READ; i++) {
		err = view_place(fd, out->place, sizeof(out->place));
		if (v->elsewhere)
			break;
		out->elsewhere = !err && !sure && !view_is_true(v, fd, out->place);
	}
	return err;
}

int walk_name(const struct view *v, struct found *out, bool sure)
{
	int err = name_place(v, out->fd >= 0 ? out->fd : out->parent, out, sure);
	size_t n = err ? 0 : strlen(out->place);

	if (!err && out->fd < 0) {
		if (n + strlen(out->name) + 2 > sizeof(out->place))
			return -ENAMETOOLONG;
		snprintf(out->place + n, sizeof(out->place) - n, "%s%s", n > 1 ? "/" : "",
			 out->name);
	}
	out->path = view_seen(v, out->place);
	return err;
}

static int name_found(struct walker *w)
{
	struct found *f = w->out;
	int err = walker_check_scope(w, f->fd >= 0 ? f->fd : f->parent);

	if (!err && f->fd >= 0 && fstat(f->fd, &f->stat) < 0)
		err = -errno;
	return err ? err : walk_name(w->view, f, w->sure);
}

static int run(struct walker *w, int dirfd)
{
	char name[NAME_MAX + 1];
	bool last, slash;
	int err = begin(w, dirfd);

	while (!err) {
		err = next_name(w, name, &last, &slash);
		if (err < 0)
			return err;
		if (!err) { /* "/", or a path that ends with "." or ".." */
			int fd = fcntl(w->at, F_DUPFD_CLOEXEC, 0);

			if (fd < 0)
				return -errno;
			finish(w, fd, "", false);
			break;
		}
		err = step(w, name, last, slash);
	}
	return err < 0 ? err : name_found(w);
}

static int find(const struct view *v, int dirfd, const char *path, const struct walk_rules *rules,
		struct found *out)
{
	static struct walker w; /* large */
	int err;

	*out = (struct found){ .fd = -1, .parent = -1 };
	w = (struct walker){ .view = v, .rules = rules, .out = out, .at = -1, .root = v->root };
	if (rules->resolve & ~(uint64_t)RESOLVE_KNOWN ||
	    (rules->resolve & RESOLVE_BENEATH && rules->resolve & RESOLVE_IN_ROOT))
		return -EINVAL;
	if (rules->resolve & RESOLVE_CACHED)
		return -EAGAIN; /* it may always be (openat2(2)): the caller asks again without */
	if (strlen(path) >= PATH_MAX)
		return -ENAMETOOLONG;
	if (walk_straight(v, dirfd, path, rules, out))
		return 0;
	*out = (struct found){ .fd = -1, .parent = -1 };
	strcpy(w.rest, path);
	if (fstat(w.root, &w.root_stat) < 0)
		return -errno;
	err = run(&w, dirfd);
	if (w.at >= 0)
		close(w.at);
	if (w.root >= 0 && w.root != v->root)
		close(w.root);
	if (err)
		found_release(out);
	return err;
}

int walk(const struct view *v, int dirfd, const char *path, const struct walk_rules *rules,
	 struct found *out)
{
	int err = loan_begin(&v->loan);

	if (err) {
		*out = (struct found){ .fd = -1, .parent = -1 };
		return err;
	}
	err = find(v, dirfd, path, rules, out);
	loan_end(&v->loan);
	return err;
}
