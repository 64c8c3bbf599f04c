/* SPDX-License-Identifier: Apache-2.0 */
/* From a pid to a number, in constant time: open addressing, never more than half full. */
#ifndef PF_PIDMAP_H
#define PF_PIDMAP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct pidmap_entry {
	pid_t pid; /* 0: free */
	uint32_t value;
};

struct pidmap {
	uint32_t count, size; /* size: 0 or a power of two */
	struct pidmap_entry *at;
};

/* NULL when it is not there. Good until the next set or remove. */
uint32_t *pidmap_find(const struct pidmap *m, pid_t pid);
/* Adds or replaces. 0 or -ENOMEM. */
int pidmap_set(struct pidmap *m, pid_t pid, uint32_t value);
void pidmap_remove(struct pidmap *m, pid_t pid);

#endif
