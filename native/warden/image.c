// SPDX-License-Identifier: Apache-2.0
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SCRIPT_DEPTH 6 /* one more than exec_binprm() follows */

static bool is_relative_to_fd(const struct exec_call *call)
{
	return call->dirfd != AT_FDCWD && call->path[0] != '/';
}

/* The link itself is what an fd's file is called; for a nameless one the kernel makes up a name. */
static int name_of_fd(const struct exec_call *call, char *out, size_t size)
{
	char link[48];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/fd/%d", (int)call->tid, call->dirfd);
	n = readlink(link, out, size - 1);
	if (n < 0)
		return errno == ENOENT ? -EBADF : -errno;
	out[n] = '\0';
	return 0;
}

int image_name(struct exec_call *call)
{
	size_t n;
	int err;

	if (!is_relative_to_fd(call)) {
		n = strlen(call->path) + 1;
		memcpy(call->named, call->path, n);
		memcpy(call->judged, call->path, n);
		return 0;
	}
	snprintf(call->named, sizeof(call->named), "/dev/fd/%d%s%s", call->dirfd,
		 call->path[0] ? "/" : "", call->path);
	err = name_of_fd(call, call->judged, PATH_MAX);
	if (err || !call->path[0])
		return err;
	n = strlen(call->judged);
	call->judged[n++] = '/';
	memcpy(call->judged + n, call->path, strlen(call->path) + 1);
	return 0;
}

static bool same_file(const char *a, const char *b)
{
	struct stat one, two;

	return stat(a, &one) == 0 && stat(b, &two) == 0 && one.st_dev == two.st_dev &&
	       one.st_ino == two.st_ino;
}

/*
 * Paths of /proc/self and /dev/fd mean the caller, not us. It is asked for by thread, for a group
 * whose leader is dead has no files under the group's number.
 */
static void translate(const struct exec_call *call, const char *path, char *out, size_t size)
{
	static const char *const own[] = { "/proc/self/", "/proc/thread-self/", "/dev/fd/" };
	char there[3][48];

	snprintf(there[0], sizeof(there[0]), "/proc/%d/", (int)call->tid);
	snprintf(there[1], sizeof(there[1]), "/proc/%d/task/%d/", (int)call->tgid, (int)call->tid);
	snprintf(there[2], sizeof(there[2]), "/proc/%d/fd/", (int)call->tid);
	for (size_t i = 0; i < 3; i++) {
		size_t n = strlen(own[i]);

		if (!strncmp(path, own[i], n)) {
			snprintf(out, size, "%s%s", there[i], path + n);
			return;
		}
	}
	snprintf(out, size, "%s", path);
}

static int open_at(int base, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC | flags, .resolve = resolve };
	int fd;

	if (!resolve) {
		fd = openat(base, path, O_PATH | O_CLOEXEC | (int)flags);
		return fd < 0 ? -errno : fd;
	}
	fd = (int)syscall(SYS_openat2, base, path, &how, sizeof(how));
	return fd < 0 ? -errno : fd;
}

static int open_absolute(const struct exec_call *call, const char *path, uint64_t flags)
{
	char root[40], mounts[40], mine[PATH_MAX + 64];
	int base, fd;

	snprintf(root, sizeof(root), "/proc/%d/root", (int)call->tid);
	snprintf(mounts, sizeof(mounts), "/proc/%d/ns/mnt", (int)call->tid);
	if (same_file(root, "/") && same_file(mounts, "/proc/self/ns/mnt")) {
		translate(call, path, mine, sizeof(mine));
		return open_at(AT_FDCWD, mine, flags, 0);
	}
	base = open(root, O_PATH | O_CLOEXEC | O_DIRECTORY);
	if (base < 0)
		return -errno;
	fd = open_at(base, path, flags, RESOLVE_IN_ROOT);
	close(base);
	return fd;
}

static int open_relative(const struct exec_call *call, int dirfd, const char *path, uint64_t flags)
{
	char link[48];
	int base, fd;

	if (dirfd == AT_FDCWD)
		snprintf(link, sizeof(link), "/proc/%d/cwd", (int)call->tid);
	else
		snprintf(link, sizeof(link), "/proc/%d/fd/%d", (int)call->tid, dirfd);
	base = open(link, O_PATH | O_CLOEXEC);
	if (base < 0)
		return -errno;
	if (!path[0]) /* AT_EMPTY_PATH; without the flag the kernel refuses the empty path anyhow */
		return base;
	fd = open_at(base, path, flags, 0);
	close(base);
	return fd;
}

static int open_image(const struct exec_call *call, int dirfd, const char *path, int at_flags)
{
	uint64_t flags = at_flags & AT_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0;

	if (path[0] == '/')
		return open_absolute(call, path, flags);
	return open_relative(call, dirfd, path, flags);
}

static int identify(int fd, struct image *out)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	out->device = st.st_dev;
	out->inode = st.st_ino;
	return S_ISREG(st.st_mode) ? 0 : -EACCES;
}

/*
 * How many bytes were read, or -errno. EACCES: it may be run but not read. EAGAIN: who holds a lease of
 * it would have to give that back first, and may be one of those who stand still.
 */
static ssize_t read_head(int fd, char *head, size_t size)
{
	char link[32];
	ssize_t n;
	int readable;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	readable = open(link, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (readable < 0)
		return -errno;
	n = read(readable, head, size);
	if (n < 0)
		n = -errno;
	close(readable);
	return n;
}

/* [interpreter, argument?, script, argv[1]…], as binfmt_script puts it together. */
static int become_interpreted(struct args *argv, const char *interpreter, const char *argument,
			      const char *script)
{
	struct args next = { 0 };
	int err = args_push(&next, interpreter);

	if (!err && argument[0])
		err = args_push(&next, argument);
	if (!err)
		err = args_push(&next, script);
	if (!err)
		err = args_copy_tail(&next, argv, 1);
	if (err) {
		args_free(&next);
		return err;
	}
	args_free(argv);
	*argv = next;
	return 0;
}

/* 1 when the file is a script and argv is its interpreter's now, 0 when not, or -errno. */
static int follow(struct args *argv, int fd, const char *name, char *interpreter, size_t size)
{
	char head[IMAGE_HEAD], argument[IMAGE_HEAD];
	ssize_t n = read_head(fd, head, sizeof(head));
	int err;

	if (n < 0)
		return (int)n;
	if (!image_parse_script(head, (size_t)n, interpreter, argument, size))
		return 0;
	err = become_interpreted(argv, interpreter, argument, name);
	return err ? err : 1;
}

int image_resolve(const struct exec_call *call, struct args *argv, image_visit visit, void *context,
		  struct image *out)
{
	char interpreter[IMAGE_HEAD], name[sizeof(call->named)];
	int fd = open_image(call, call->dirfd, call->path, call->flags);

	memcpy(name, call->named, sizeof(name));
	for (int depth = 0; depth < SCRIPT_DEPTH; depth++) {
		int err;

		if (fd < 0)
			return fd;
		image_release(out);
		out->fd = fd;
		err = identify(fd, out);
		if (!err)
			err = follow(argv, fd, name, interpreter, sizeof(interpreter));
		if (err <= 0)
			return err;
		err = visit(context, interpreter, argv);
		if (err)
			return err;
		memcpy(name, interpreter, sizeof(interpreter));
		fd = open_image(call, AT_FDCWD, interpreter, 0);
	}
	if (fd >= 0)
		close(fd);
	return -ELOOP;
}

void image_release(struct image *image)
{
	if (image->fd >= 0)
		close(image->fd);
	image->fd = -1;
}

int image_path(const struct image *image, char out[PATH_MAX])
{
	char link[32];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", image->fd);
	n = readlink(link, out, PATH_MAX - 1);
	if (n < 0)
		return -errno;
	if (n == PATH_MAX - 1)
		return -ENAMETOOLONG;
	out[n] = '\0';
	return 0;
}

int image_of_process(pid_t pid, struct image *out)
{
	char link[32];
	struct stat st;

	snprintf(link, sizeof(link), "/proc/%d/exe", (int)pid);
	if (stat(link, &st) < 0)
		return -errno;
	*out = (struct image){ .device = st.st_dev, .inode = st.st_ino, .fd = -1 };
	return 0;
}
