/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PF_WHOLE_FILE_H
#define PF_WHOLE_FILE_H

#include <stddef.h>
#include <sys/types.h>

/* The bytes of a file; their number, or -errno: -EFBIG when they do not fit with one to spare. */
ssize_t whole_file(const char *path, void *out, size_t size);

#endif
