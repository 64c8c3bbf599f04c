/* SPDX-License-Identifier: Apache-2.0 */
/* Whose rights a task has, as proc_pid_status(5) tells. */
#ifndef PF_DEEP_CREDENTIALS_H
#define PF_DEEP_CREDENTIALS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct credentials {
	unsigned long fsuid, fsgid;
	bool one_id; /* real, effective, saved and the filesystem's are the same, of both */
	uint64_t capabilities, permitted; /* effective and permitted, bits by CAP_… */
	mode_t umask;
	char groups[2048];
};

/* Of a file /proc/PID/status. 0, -ESRCH when there is none, or -errno. */
int credentials_read(const char *path, struct credentials *out);
/* Our own; NULL when they cannot be read. */
const struct credentials *credentials_ours(void);
/* Whether files are the same user's and groups' to both. */
bool credentials_agree(const struct credentials *its, const struct credentials *ours);

#endif
