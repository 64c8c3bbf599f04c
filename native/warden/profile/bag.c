// SPDX-License-Identifier: Apache-2.0
#include "bag.h"

#include <stdlib.h>
#include <string.h>

#define FIRST 64u

/* FNV-1a; a workload that makes its names collide slows down who watches it, not more. */
static uint32_t hash_of(const unsigned char *key, size_t length)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ key[i]) * 16777619u;
	return hash;
}

/* Where the key is, or the free slot where it would be. Never called on a full table. */
static uint32_t *slot_of(const struct bag *bag, const void *key, size_t length, uint32_t hash)
{
	for (uint32_t i = hash;; i++) {
		uint32_t *slot = &bag->slots[i & (bag->size - 1)];
		const struct bag_entry *e = *slot ? &bag->at[*slot - 1] : NULL;

		if (!e || (e->hash == hash && e->length == length && !memcmp(e->key, key, length)))
			return slot;
	}
}

static int index_all(struct bag *bag, uint32_t size)
{
	uint32_t *slots = calloc(size, sizeof(*slots));

	if (!slots)
		return -1;
	free(bag->slots);
	bag->slots = slots;
	bag->size = size;
	for (uint32_t i = 0; i < bag->count; i++) {
		struct bag_entry *e = &bag->at[i];

		*slot_of(bag, e->key, e->length, e->hash) = i + 1;
	}
	return 0;
}

static int make_room(struct bag *bag)
{
	if (bag->count == bag->capacity) {
		uint32_t capacity = bag->capacity ? bag->capacity * 2 : FIRST;
		struct bag_entry *at = realloc(bag->at, capacity * sizeof(*at));

		if (!at)
			return -1;
		bag->at = at;
		bag->capacity = capacity;
	}
	/* Never more than half full. */
	return bag->size >= (bag->count + 1) * 2
		       ? 0
		       : index_all(bag, bag->size ? bag->size * 2 : 2 * FIRST);
}

struct bag_entry *bag_find(const struct bag *bag, const void *key, size_t length)
{
	uint32_t *slot;

	if (!bag->size)
		return NULL;
	slot = slot_of(bag, key, length, hash_of(key, length));
	return *slot ? &bag->at[*slot - 1] : NULL;
}

struct bag_entry *bag_put(struct bag *bag, const void *key, size_t length)
{
	struct bag_entry *e = bag_find(bag, key, length);
	uint32_t hash;
	char *copy;

	if (e) {
		e->times++;
		return e;
	}
	if (bag->count == BAG_MOST || length > BAG_BYTES - bag->bytes || make_room(bag))
		return NULL;
	copy = malloc(length + 1);
	if (!copy)
		return NULL;
	memcpy(copy, key, length);
	copy[length] = '\0';
	hash = hash_of(key, length);
	*slot_of(bag, key, length, hash) = ++bag->count;
	bag->bytes += length;
	e = &bag->at[bag->count - 1];
	*e = (struct bag_entry){ copy, (uint32_t)length, hash, 0, 1 };
	return e;
}

static int compare(const void *a, const void *b)
{
	const struct bag_entry *one = a, *other = b;
	uint32_t shorter = one->length < other->length ? one->length : other->length;
	int order = memcmp(one->key, other->key, shorter);

	if (order)
		return order;
	return (one->length > other->length) - (one->length < other->length);
}

void bag_sort(struct bag *bag)
{
	if (bag->count > 1)
		qsort(bag->at, bag->count, sizeof(*bag->at), compare);
	if (!bag->size)
		return;
	memset(bag->slots, 0, bag->size * sizeof(*bag->slots));
	for (uint32_t i = 0; i < bag->count; i++) {
		struct bag_entry *e = &bag->at[i];

		*slot_of(bag, e->key, e->length, e->hash) = i + 1;
	}
}

void bag_free(struct bag *bag)
{
	for (uint32_t i = 0; i < bag->count; i++)
		free(bag->at[i].key);
	free(bag->at);
	free(bag->slots);
	*bag = (struct bag){ 0 };
}
