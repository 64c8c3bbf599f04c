/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of processes in paths of /proc, which are others at the next run. */
#ifndef PF_PIDS_H
#define PF_PIDS_H

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * /proc/PID is /proc/self where it is the process's own, and else, as any /proc/PID/task/TID, a
 * star. The length of what it becomes; a path that is too long is cut.
 */
size_t path_without_pids(const char *path, pid_t own, char out[PATH_MAX]);
/* The same, with stars alone: what a rule for all processes is called. */
size_t path_of_any_pid(const char *path, char out[PATH_MAX]);

#endif
