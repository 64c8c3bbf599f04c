// SPDX-License-Identifier: Apache-2.0
#include "held.h"
#include "broken.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 12
#define LONG   20000000u /* ns */
/* As often as an event that is not held takes must fit in, or each would seem to be held. */
#define TIMES 4u

uint64_t held_now_ns(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t))
		kit_broken("clock_gettime");
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t held_time_call(struct session *s)
{
	uint64_t begun = held_now_ns();

	(void)s;
	syscall(SYS_getpgid, 0);
	return held_now_ns() - begun;
}

/* How many of the events were held as they should have been; `drawn` is how many there are. */
static unsigned make_events(struct session *s, const struct held_kind *kind,
			    const struct pf_hook *hook, unsigned *drawn)
{
	unsigned held = 0;

	for (uint32_t n = 0; n < EVENTS; n++) {
		uint64_t took = kind->time(s), hold;

		if (!hooks_draw(hook, n, &hold))
			continue;
		(*drawn)++;
		held += took >= hold;
	}
	return held;
}

static int32_t most(uint64_t took)
{
	uint64_t ns = took * TIMES > LONG ? took * TIMES : LONG;

	return ns < PF_HOLD_MOST ? (int32_t)ns : PF_HOLD_MOST;
}

static void try(struct session *s, const struct held_kind *kind, unsigned n)
{
	struct pf_hook looker = hooks_all(kind->kind), lever;
	unsigned drawn = 0, held;
	uint64_t done;
	int id;

	looker.number = kind->number;
	lever = looker;
	lever.deed = PF_DO_HOLD;
	lever.value = most(kind->time(s));
	lever.one_in = 2;
	lever.seed = kit_random(&s->kit);
	id = session_add(s, s->defended ? &lever : &looker);
	held = make_events(s, kind, &lever, &drawn);
	done = session_counts(s, id).done;
	session_count(s, session_is_of, &(struct session_of){ 0 });
	session_remove(s, id);
	/* A hook that only looks on does nothing: that it is told from one that holds is left to time. */
	session_judged(n, held == drawn && (!s->defended || done == drawn), drawn, held);
}

int held_main(int argc, char **argv, const char *const shapes[], const struct held_kind kinds[])
{
	struct session s;
	int which = 0;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	while (!kit_shape_is(&s.kit, shapes[which]))
		which++;
	for (unsigned n = 1; n <= s.kit.trials; n++)
		try(&s, &kinds[which], n);
	hooks_close(&s.hooks);
	return 0;
}
