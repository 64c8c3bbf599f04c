// SPDX-License-Identifier: Apache-2.0
#include "held.h"
#include "broken.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NAME   "held" /* nobody else's events are drawn for */
#define EVENTS 8
#define UNHELD 4u
#define LEVERS 2
#define SHORT  1000000u /* ns */
#define NOISE  500000u	/* that none of a few need show */
#define LONG   4000000u
/* As often as what an event takes beside its hold must fit into what is drawn from, or all holds would seem to be one. */
#define TIMES 4u
/* In which there is a seed whose holds can be told from each other. */
#define SEEDS 100000
/*
 * The kernel may have other things to do meanwhile, which take long on one that checks itself; and of several CPUs time is
 * the host's. So many may be late of those that are not held or short.
 */
#define LATE 2u
/* More than that are late of so many times one after the other: those whom a lever holds for too long are so every time. */
#define TRIES 3u

uint64_t held_time_call(struct session *s)
{
	uint64_t begun = jsonl_now();

	(void)s;
	syscall(SYS_getpgid, 0);
	return jsonl_now() - begun;
}

/* What is on one kind of event, and what it should come to. */
struct levers {
	struct pf_hook hooks[LEVERS];
	int ids[LEVERS];
	unsigned count;
	uint64_t besides_ns; /* the most that an event takes beside its hold */
	uint64_t holds_ns[EVENTS];
	uint64_t draws; /* of all hooks, which are counted as done */
};

/* By how much a sleep is longer than it should be: on some kernels it ends with a tick. */
static uint64_t time_wake(void)
{
	uint64_t begun = jsonl_now();

	kit_sleep_ns(SHORT);
	return jsonl_now() - begun - SHORT;
}

/* Half as much again as both were seen to take, one behind the other and after sleeps, once all that they need is there. */
static uint64_t most_unheld(struct session *s, const struct held_kind *kind)
{
	uint64_t most = 0, most_wake = 0;

	kind->time(s);
	for (unsigned i = 0; i < EVENTS + UNHELD; i++) {
		uint64_t wake = i < EVENTS ? 0 : time_wake(), took = kind->time(s);

		most = took > most ? took : most;
		most_wake = wake > most_wake ? wake : most_wake;
	}
	return 3 * (most + most_wake) / 2 + NOISE;
}

static void draw(struct levers *levers)
{
	levers->draws = 0;
	for (uint32_t n = 0; n < EVENTS; n++) {
		levers->holds_ns[n] = 0;
		for (unsigned i = 0; i < levers->count; i++) {
			uint64_t hold;

			if (!hooks_draw(&levers->hooks[i], n, &hold))
				continue;
			levers->holds_ns[n] += hold;
			levers->draws++;
		}
	}
}

/*
 * Whether it shows in what events take that each was held, and for how long; or, of more of them than may be late, that
 * they were not, or for less than the longest time. Of two levers both are pulled at some event. Where events take half of
 * the longest time themselves, it has to show of one alone that it was held.
 */
static bool shows(const struct levers *levers)
{
	uint64_t longest = (uint64_t)levers->hooks[0].value;
	bool slow = 2 * levers->besides_ns >= longest;
	unsigned held = 0, telling = 0, shorter = 0;

	for (uint32_t n = 0; n < EVENTS; n++) {
		uint64_t hold = levers->holds_ns[n];

		held += hold > 0;
		telling += hold > levers->besides_ns;
		shorter += hold && hold + levers->besides_ns < longest;
	}
	if (EVENTS - held <= LATE || (levers->count > 1 && levers->draws <= held))
		return false;
	return slow ? telling > 0 : telling == held && shorter > LATE;
}

static _Noreturn void give_up(const struct levers *levers)
{
	char why[64];

	snprintf(why, sizeof(why), "no seed shows beside %llu ns",
		 (unsigned long long)levers->besides_ns);
	errno = ERANGE;
	kit_broken(why);
}

static int64_t value_for(const struct levers *levers)
{
	uint64_t ns = levers->besides_ns * TIMES, most = PF_HOLD_MOST / levers->count;

	ns = ns > LONG ? ns : LONG;
	return (int64_t)(ns < most ? ns : most);
}

static void choose(struct session *s, const struct held_kind *kind, struct levers *levers)
{
	struct pf_hook hook = hooks_all(kind->kind);
	unsigned left = SEEDS;

	levers->count = kind->levers;
	kit_be_urgent(true);
	levers->besides_ns = most_unheld(s, kind);
	kit_be_urgent(false);
	hook.number = kind->number;
	hook.deed = PF_DO_HOLD;
	hook.value = value_for(levers);
	hook.one_in = 2;
	if (kind->kind != PF_EXEC)
		strcpy(hook.comm, NAME);
	do {
		if (!left--)
			give_up(levers);
		for (unsigned i = 0; i < levers->count; i++) {
			levers->hooks[i] = hook;
			levers->hooks[i].seed = kit_random(&s->kit);
		}
		draw(levers);
	} while (!shows(levers));
}

/* A hook that only looks on does nothing: that it is told from one that holds is left to time. */
static void add(struct session *s, struct levers *levers)
{
	for (unsigned i = 0; i < levers->count; i++) {
		struct pf_hook hook = levers->hooks[i];

		if (!s->defended) {
			hook.deed = PF_DO_NOTHING;
			hook.value = 0;
			hook.one_in = 0;
			hook.seed = 0;
		}
		levers->ids[i] = session_add(s, &hook);
	}
}

static uint64_t take_away(struct session *s, const struct levers *levers)
{
	uint64_t done = 0;

	for (unsigned i = 0; i < levers->count; i++) {
		done += session_counts(s, levers->ids[i]).done;
		session_remove(s, levers->ids[i]);
	}
	session_count(s, session_is_of, &(struct session_of){ 0 });
	return done;
}

struct outcome {
	unsigned early, late;
	bool all_drawn; /* as many were held as should be */
};

static struct outcome time_events(struct session *s, const struct held_kind *kind)
{
	struct outcome o = { 0 };
	struct levers levers;

	choose(s, kind, &levers);
	add(s, &levers);
	kit_be_urgent(true); /* whose hold is over runs at once */
	for (uint32_t i = 0; i < EVENTS; i++) {
		uint64_t took = kind->time(s), hold = levers.holds_ns[i];

		o.early += took < hold;
		o.late += took > hold + levers.besides_ns;
	}
	kit_be_urgent(false);
	o.all_drawn = take_away(s, &levers) == levers.draws || !s->defended;
	return o;
}

static void try(struct session *s, const struct held_kind *kind, unsigned n)
{
	unsigned left = TRIES;
	struct outcome o;

	do
		o = time_events(s, kind);
	while (--left && o.late > LATE && !o.early && o.all_drawn);
	session_judged(n, o.late <= LATE && !o.early && o.all_drawn, EVENTS,
		       EVENTS - o.early - o.late);
}

int held_main(int argc, char **argv, const char *const shapes[], const struct held_kind kinds[])
{
	struct session s;
	int which = 0;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	if (prctl(PR_SET_NAME, NAME))
		kit_broken("prctl");
	while (!kit_shape_is(&s.kit, shapes[which]))
		which++;
	if (!(s.hooks.info.kinds & 1ull << kinds[which].kind))
		which = 0;
	for (unsigned n = 1; n <= s.kit.trials; n++)
		try(&s, &kinds[which], n);
	hooks_close(&s.hooks);
	return 0;
}
