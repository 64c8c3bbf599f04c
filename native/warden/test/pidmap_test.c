// SPDX-License-Identifier: Apache-2.0
/* The map against a plain array, over enough chance to push entries into each other's places. */
#include "pidmap.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

#define PIDS  700
#define STEPS 200000

static uint32_t state = 12345;

static uint32_t chance(uint32_t below)
{
	state = state * 1664525u + 1013904223u;
	return (state >> 8) % below;
}

/* Multiples collide often, neighbours are what fork gives. */
static pid_t pid_of(uint32_t i)
{
	return (pid_t)(i % 2 ? i : 2 + i * 4096);
}

static bool agrees(const struct pidmap *m, const uint32_t *plain, uint32_t i)
{
	const uint32_t *found = pidmap_find(m, pid_of(i));

	return plain[i] ? found && *found == plain[i] : !found;
}

static void test_chance(void)
{
	static uint32_t plain[PIDS];
	struct pidmap m = { 0 };
	bool good = true;
	uint32_t count = 0;

	for (uint32_t step = 1; good && step <= STEPS; step++) {
		uint32_t i = chance(PIDS);

		if (chance(2)) {
			good = pidmap_set(&m, pid_of(i), step) == 0;
			plain[i] = step;
		} else {
			pidmap_remove(&m, pid_of(i));
			plain[i] = 0;
		}
		good = good && agrees(&m, plain, i) && agrees(&m, plain, chance(PIDS));
	}
	for (uint32_t i = 0; i < PIDS; i++) {
		good = good && agrees(&m, plain, i);
		count += plain[i] != 0;
	}
	ok(good, "it holds what was put in and nothing else");
	ok(m.count == count && m.size >= 2 * count && m.size <= 2048,
	   "and is neither full nor large");
	free(m.at);
}

int main(void)
{
	struct pidmap empty = { 0 };

	ok(!pidmap_find(&empty, 1), "nothing is in an empty map");
	pidmap_remove(&empty, 1);
	test_chance();
	return tap_done();
}
