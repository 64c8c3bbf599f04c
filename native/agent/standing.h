/* SPDX-License-Identifier: Apache-2.0 */
/* What a command may do: root, or an ordinary user with a capability more; a system call less. */
#ifndef PF_STANDING_H
#define PF_STANDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STANDING_BLOCKED_MAX 4

struct standing {
	bool root;
	uint32_t capabilities; /* bit n: capability n */
	size_t blocked_count;
	int blocked[STANDING_BLOCKED_MAX]; /* calls that fail with EPERM */
};

/* By the names that docs/formats.md has. 0, -EINVAL for others, or -E2BIG. */
int standing_add_capability(struct standing *s, const char *name);
int standing_add_blocked(struct standing *s, const char *name);

/* This process, which is root's, becomes that, and so does what it execs. 0 or -errno: then it must not go on. */
int standing_take(const struct standing *s, unsigned uid);

#endif
