// SPDX-License-Identifier: Apache-2.0
#include "pidmap.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#define SIZE_FIRST 64u

/* Fibonacci hashing: neighbouring pids, the usual ones, land far from each other. */
static uint32_t home(const struct pidmap *m, pid_t pid)
{
	return ((uint32_t)pid * 2654435769u >> 7) & (m->size - 1);
}

/* Where the pid is, or the free place where it would go. */
static uint32_t place(const struct pidmap *m, pid_t pid)
{
	uint32_t i = home(m, pid);

	while (m->at[i].pid && m->at[i].pid != pid)
		i = (i + 1) & (m->size - 1);
	return i;
}

uint32_t *pidmap_find(const struct pidmap *m, pid_t pid)
{
	uint32_t i;

	if (!m->size)
		return NULL;
	i = place(m, pid);
	return m->at[i].pid ? &m->at[i].value : NULL;
}

static int grow(struct pidmap *m)
{
	struct pidmap next = { .count = m->count, .size = m->size ? m->size * 2 : SIZE_FIRST };

	next.at = calloc(next.size, sizeof(*next.at));
	if (!next.at)
		return -ENOMEM;
	for (uint32_t i = 0; i < m->size; i++)
		if (m->at[i].pid)
			next.at[place(&next, m->at[i].pid)] = m->at[i];
	free(m->at);
	*m = next;
	return 0;
}

int pidmap_set(struct pidmap *m, pid_t pid, uint32_t value)
{
	uint32_t *known = pidmap_find(m, pid);

	if (known) {
		*known = value;
		return 0;
	}
	if (2 * (m->count + 1) > m->size && grow(m))
		return -ENOMEM;
	m->at[place(m, pid)] = (struct pidmap_entry){ pid, value };
	m->count++;
	return 0;
}

/* Whoever was pushed behind the hole moves up, so that a search never ends too early. */
static void close_hole(struct pidmap *m, uint32_t hole)
{
	uint32_t mask = m->size - 1;

	for (uint32_t i = (hole + 1) & mask; m->at[i].pid; i = (i + 1) & mask) {
		uint32_t wanted = home(m, m->at[i].pid);

		if (((i - wanted) & mask) < ((i - hole) & mask))
			continue;
		m->at[hole] = m->at[i];
		m->at[i].pid = 0;
		hole = i;
	}
}

void pidmap_remove(struct pidmap *m, pid_t pid)
{
	uint32_t i;

	if (!m->size)
		return;
	i = place(m, pid);
	if (!m->at[i].pid)
		return;
	m->at[i].pid = 0;
	m->count--;
	close_hole(m, i);
}
