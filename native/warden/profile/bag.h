/* SPDX-License-Identifier: Apache-2.0 */
/* Strings of any bytes that were seen, each once, with how often and as what. */
#ifndef PF_BAG_H
#define PF_BAG_H

#include <stddef.h>
#include <stdint.h>

/* Of one bag. Whoever shows more has shown nothing that a profile could say. */
#define BAG_MOST  262144u
#define BAG_BYTES (64u << 20)

struct bag_entry {
	char *key; /* with a NUL behind it */
	uint32_t length;
	uint32_t hash;
	uint32_t flags; /* the owner's */
	uint64_t times;
};

struct bag {
	uint32_t count, capacity;
	struct bag_entry *at; /* without gaps; moves when it grows */
	uint32_t size;	      /* of slots: 0 or a power of two */
	uint32_t *slots;      /* place in at, plus one; 0: free */
	size_t bytes;
};

/* Adds one to its times. NULL when there is no room; the pointer is good until the next one. */
struct bag_entry *bag_put(struct bag *bag, const void *key, size_t length);
struct bag_entry *bag_find(const struct bag *bag, const void *key, size_t length);
/* By bytes; what was found before is invalid. */
void bag_sort(struct bag *bag);
void bag_free(struct bag *bag);

#endif
