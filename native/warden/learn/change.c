// SPDX-License-Identifier: Apache-2.0
#include "change.h"

#include "../remote.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Where the kernel begins to walk. An fd, or -errno. */
static int open_start(pid_t tid, int dirfd, bool absolute)
{
	char path[48];

	if (absolute)
		snprintf(path, sizeof(path), "/proc/%d/root", (int)tid);
	else if (dirfd == AT_FDCWD)
		snprintf(path, sizeof(path), "/proc/%d/cwd", (int)tid);
	else
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)tid, dirfd);
	dirfd = open(path, O_PATH | O_CLOEXEC);
	return dirfd < 0 ? -errno : dirfd;
}

/* Splits off the last name of a path; slashes behind it belong to nobody. */
static const char *split(char *path, size_t *length)
{
	size_t end = strlen(path), start;

	while (end > 0 && path[end - 1] == '/')
		path[--end] = '\0';
	for (start = end; start > 0 && path[start - 1] != '/'; start--)
		;
	*length = start;
	return path + start;
}

bool change_look(const struct change *c, struct stat *st)
{
	int err = c->by_name ? fstatat(c->fd, c->name, st, AT_SYMLINK_NOFOLLOW) : fstat(c->fd, st);

	return err == 0;
}

static int open_name(int start, char *path, struct change *out)
{
	size_t length;
	const char *name = split(path, &length);

	/* "." and ".." are names that no call makes or removes. */
	if (!*name || !strcmp(name, ".") || !strcmp(name, "..") || strlen(name) > NAME_MAX)
		return -ENOENT;
	memcpy(out->name, name, strlen(name) + 1);
	path[length] = '\0';
	out->by_name = true;
	return openat(start, length ? path : ".", O_PATH | O_CLOEXEC | O_DIRECTORY);
}

/* `file` is how a file itself is opened; -1: the change is of the name. */
static bool begin(pid_t tid, int dirfd, char *path, int file, struct change *out)
{
	int start = open_start(tid, dirfd, path[0] == '/');
	char *from;

	if (start < 0)
		return false;
	for (from = path; *from == '/'; from++)
		;
	if (file >= 0)
		out->fd = openat(start, *from ? from : ".", O_PATH | O_CLOEXEC | file);
	else
		out->fd = open_name(start, from, out);
	close(start);
	if (out->fd < 0)
		return false;
	out->there = change_look(out, &out->before);
	return true;
}

bool change_begin(pid_t tid, const struct call_form *form, const struct call_path *place,
		  const uint64_t args[6], struct change *out)
{
	int dirfd = place->dir == NO_ARG ? AT_FDCWD : (int)args[(int)place->dir];
	int file = form->kind != CALL_FILE ? -1 : form->stays ? O_NOFOLLOW : 0;
	char path[PATH_MAX];

	*out = (struct change){ .fd = -1 };
	if (place->path == NO_ARG || remote_string(tid, args[(int)place->path], path, sizeof(path)))
		return false;
	return begin(tid, dirfd, path, file, out);
}

bool change_begin_name(pid_t tid, const char *name, struct change *out)
{
	char path[PATH_MAX];

	*out = (struct change){ .fd = -1 };
	if ((size_t)snprintf(path, sizeof(path), "%s", name) >= sizeof(path))
		return false;
	return begin(tid, AT_FDCWD, path, -1, out);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

int change_path(const struct change *c, char path[PATH_MAX])
{
	char link[32];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", c->fd);
	n = readlink(link, path, PATH_MAX - 1);
	if (n < 0)
		return -errno;
	if (n == PATH_MAX - 1 || path[0] != '/')
		return -ENAMETOOLONG;
	path[n] = '\0';
	return 0;
}

static void name_in(const char *directory, const char *name, char out[PATH_MAX])
{
	if (snprintf(out, PATH_MAX, "%s/%s", directory[1] ? directory : "", name) >= PATH_MAX)
		out[0] = '\0';
}

bool change_name(const struct change *c, char path[PATH_MAX])
{
	char directory[PATH_MAX];

	if (change_path(c, directory))
		return false;
	name_in(directory, c->name, path);
	return path[0];
}

bool change_end(struct change *c, struct changed *out)
{
	struct stat after;
	bool there, changed, other;

	out->made[0] = out->gone[0] = '\0';
	if (c->fd < 0)
		return false;
	there = change_look(c, &after);
	/* A name was made, removed, or is another's now; a file has another time of change. */
	other = there && c->there &&
		(after.st_dev != c->before.st_dev || after.st_ino != c->before.st_ino);
	if (c->by_name)
		changed = there != c->there || other;
	else
		changed = there && c->there && !is_same(&after, &c->before);
	changed = changed && !change_path(c, out->path);
	if (changed && c->by_name && there && !c->there)
		name_in(out->path, c->name, out->made);
	if (changed && c->by_name && c->there)
		name_in(out->path, c->name, out->gone);
	out->directory = c->there && S_ISDIR(c->before.st_mode);
	out->there = there;
	out->socket = there && S_ISSOCK(after.st_mode);
	change_forget(c);
	return changed;
}

bool change_was_there(const struct change *c)
{
	return c->fd < 0 || c->there;
}

void change_forget(struct change *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}
