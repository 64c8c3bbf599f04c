// SPDX-License-Identifier: Apache-2.0
#include "small-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

ssize_t small_file(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, out, size - 1);
	if (n < 0)
		n = -errno;
	else
		out[n] = '\0';
	close(fd);
	return n;
}

static bool read_path(const char *link, char path[PATH_MAX])
{
	ssize_t n = readlink(link, path, PATH_MAX - 1);

	/* What is in no directory has a name without a slash. */
	if (n <= 0 || n == PATH_MAX - 1 || path[0] != '/')
		return false;
	path[n] = '\0';
	return true;
}

bool small_link(const char *link, char path[PATH_MAX], struct stat *st)
{
	/* Or it has no links. */
	return read_path(link, path) && stat(link, st) == 0 && st->st_nlink > 0;
}

bool small_link_above(const char *link, char path[PATH_MAX])
{
	char *last;

	if (!read_path(link, path))
		return false;
	last = strrchr(path, '/');
	last[last == path] = '\0';
	return true;
}
