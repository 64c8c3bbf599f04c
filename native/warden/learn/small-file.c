// SPDX-License-Identifier: Apache-2.0
#include "small-file.h"

#include <errno.h>
#include <fcntl.h>
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

bool small_link(const char *link, char path[PATH_MAX], struct stat *st)
{
	ssize_t n = readlink(link, path, PATH_MAX - 1);

	/* What is in no directory has a name without a slash, or no links. */
	if (n <= 0 || n == PATH_MAX - 1 || path[0] != '/' || stat(link, st) < 0 ||
	    st->st_nlink == 0)
		return false;
	path[n] = '\0';
	return true;
}
