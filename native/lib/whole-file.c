// SPDX-License-Identifier: Apache-2.0
#include "whole-file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

ssize_t whole_file(const char *path, void *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t n = 1;

	if (fd < 0)
		return -errno;
	while (used < size && n > 0) {
		n = read(fd, (char *)out + used, size - used);
		if (n < 0)
			n = -errno;
		else
			used += (size_t)n;
	}
	close(fd);
	if (n < 0)
		return n;
	return used == size ? -EFBIG : (ssize_t)used;
}
