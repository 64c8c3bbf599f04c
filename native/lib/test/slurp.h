/* SPDX-License-Identifier: Apache-2.0 */
/* What a command under test has written. */
#ifndef PF_SLURP_H
#define PF_SLURP_H

#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

/* Of a file, as much as there is room for, with a NUL behind it. How much; 0 also where there is no file. */
static inline size_t slurp(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, out, size - 1);

	if (fd >= 0)
		close(fd);
	out[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

#endif
