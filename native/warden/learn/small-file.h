/* SPDX-License-Identifier: Apache-2.0 */
/* Of /proc: a short text, and where a link leads. */
#ifndef PF_SMALL_FILE_H
#define PF_SMALL_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

/* As much of it as there is room for, with a NUL behind. Its length, or -errno. */
ssize_t small_file(const char *path, char *out, size_t size);
/* The path behind a link, if it leads to a file that has one. */
bool small_link(const char *link, char path[PATH_MAX], struct stat *st);
/* That of the directory in which a file without a name was made: "/tmp", of "/tmp/#12 (deleted)". */
bool small_link_above(const char *link, char path[PATH_MAX]);

#endif
