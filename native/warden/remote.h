/* SPDX-License-Identifier: Apache-2.0 */
/* Another task's memory: the arguments of a call it is held in. */
#ifndef PF_REMOTE_H
#define PF_REMOTE_H

#include "args.h"

#include <stdint.h>
#include <sys/types.h>

/* One read of another task's memory. 0 or -errno: -EFAULT not there, -EPERM denied, -ESRCH gone. */
int remote_read(pid_t tid, uint64_t address, void *out, size_t n);
/* A NUL-terminated string into out: -ENAMETOOLONG when it does not fit. */
int remote_string(pid_t tid, uint64_t address, char *out, size_t size);
/* A whole argv, each byte read once: -E2BIG above ARGS_MAX, -ETIMEDOUT behind the deadline. */
int remote_argv(pid_t tid, uint64_t address, uint64_t deadline_ns, struct args *out);

#endif
