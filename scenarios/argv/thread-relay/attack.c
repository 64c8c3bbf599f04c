// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  who rewrites argv[1] is not there yet when a supervisor looks for all who could: a thread makes
 *          the next and is gone, until it is time to write. Stopping those who were found stops nobody
 *          who was made meanwhile.
 * Steps:   a fresh process per trial starts some such relays, makes itself the last in the queue for the
 *          CPU and execs the witness with the word that they rewrite. In a crowd many threads that
 *          do nothing are to be stopped before them.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  ptrace(2), "Attaching and detaching": a thread may be made while others are attached to.
 */
#include "exec-race.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { RELAYS = 4, LEGS = 1024, CROWD = 16, STACK = 16384 };

static const char *const shapes[] = { "alone", "crowd", NULL };

struct relay {
	uint64_t every_ns;
	uint64_t first_ns; /* when it is to write, from the exec on */
	unsigned legs;	   /* that are left */
	bool writes;
	/* In turn: who made a thread has not left its own yet. */
	_Alignas(16) char stacks[4][STACK];
};

static struct relay relays[RELAYS];
static _Alignas(16) char crowd[CROWD][STACK];
static _Alignas(4) char word[] = "GOOD";
static uint64_t exec_ns;
static atomic_bool execs; /* exec_ns is there */

/* Less than a thread of the C library, and so made in less time. False while an exec is under way. */
static bool start(int (*body)(void *), void *argument, char *stack)
{
	int flags =
		CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;

	if (clone(body, stack + STACK, flags, argument) >= 0)
		return true;
	if (errno != EAGAIN)
		_exit(KIT_BROKEN);
	return false;
}

/* How long a leg is; 0: it is time to write. */
static uint64_t leg_ns(const struct relay *relay)
{
	uint64_t now, due;

	if (!atomic_load(&execs))
		return relay->every_ns;
	now = jsonl_now();
	due = exec_ns + relay->first_ns;
	if (due <= now)
		return 0;
	return due - now < relay->every_ns ? due - now : relay->every_ns;
}

static int run_leg(void *argument)
{
	struct relay *relay = argument;
	uint64_t ns;

	while ((ns = leg_ns(relay)) && --relay->legs) {
		kit_sleep_ns(ns);
		if (start(run_leg, relay, relay->stacks[relay->legs % 4]))
			return 0;
	}
	if (relay->writes)
		kit_store(word, "EVIL");
	return 0;
}

static int stand_by(void *nothing)
{
	(void)nothing;
	while (pause() < 0)
		;
	return 0;
}

static _Noreturn void be_victim(struct kit *kit, uint64_t lead_ns, unsigned n)
{
	/* As in kit_writer_run; threads have it from who makes them. */
	if (prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0))
		_exit(KIT_BROKEN);
	for (int i = 0; kit_shape_is(kit, "crowd") && i < CROWD; i++)
		(void)start(stand_by, NULL, crowd[i]);
	for (int i = 0; i < RELAYS; i++)
		(void)start(run_leg, &relays[i], relays[i].stacks[0]);
	kit_demote();
	kit_sleep_ns(lead_ns);
	exec_ns = jsonl_now();
	atomic_store(&execs, true);
	kit_exec_witness(kit, word, n);
}

/* To stop a crowd takes long; from too late an aim comes down sooner than it goes up from too soon. */
static void armed(struct kit *kit)
{
	kit_aim(kit, (kit_shape_is(kit, "crowd") ? 8 : 2) * kit->pace_ns);
}

static void try_once(struct kit *kit, unsigned n)
{
	struct kit_writer writer; /* for its aim */
	uint64_t lead_ns;
	pid_t victim;

	kit_writer_init(kit, &writer, word, false);
	kit_writer_close(&writer);
	for (int i = 0; i < RELAYS; i++) {
		relays[i].every_ns = kit->pace_ns / 2 + kit_below(kit, kit->pace_ns);
		relays[i].first_ns = writer.first_ns;
		relays[i].legs = LEGS;
		relays[i].writes = writer.writes;
	}
	lead_ns = 2 * kit->pace_ns + kit_below(kit, 2 * kit->pace_ns);
	victim = kit_fork(kit);
	if (victim == 0)
		be_victim(kit, lead_ns, n);
	kit_outcome(kit, victim, n, "trial");
}

int main(int argc, char **argv)
{
	const struct exec_race race = { .armed = armed, .try_once = try_once };

	return exec_race_run(argc, argv, shapes, &race);
}
