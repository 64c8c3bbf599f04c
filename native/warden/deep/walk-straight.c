// SPDX-License-Identifier: Apache-2.0
#include "walker.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool has_dots(const char *path)
{
	const char *at = path;

	while ((at = strstr(at, ".."))) {
		if ((at == path || at[-1] == '/') && (!at[2] || at[2] == '/'))
			return true;
		at += 2;
	}
	return false;
}

/* O_PATH, by the kernel in one go, with no link followed; -1: not to be had like this. */
static int open_straight(const struct view *v, int dirfd, const char *path)
{
	struct open_how how = { .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
				.resolve = RESOLVE_NO_SYMLINKS };
	size_t n = strlen(path);
	int base, fd;

	if (!n || path[n - 1] == '/' || has_dots(path))
		return -1;
	base = path[0] == '/' ? v->root : view_directory(v, dirfd);
	if (base < 0)
		return -1;
	fd = (int)syscall(SYS_openat2, base, path + strspn(path, "/"), &how, sizeof(how));
	if (base != v->root)
		close(base);
	return fd;
}

bool walk_straight(const struct view *v, int dirfd, const char *path,
		   const struct walk_rules *rules, struct found *out)
{
	if (!rules->existing || rules->resolve)
		return false;
	out->fd = open_straight(v, dirfd, path);
	if (out->fd < 0)
		return false;
	if (fstat(out->fd, &out->stat) == 0 && !S_ISLNK(out->stat.st_mode) &&
	    !proc_is_mounted_at(out->fd) && !walk_name(v, out, v->ours && path[0] == '/'))
		return true;
	found_release(out);
	return false;
}
