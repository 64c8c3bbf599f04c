// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a bomb makes more processes than the warden counts, or brings it down.
 * Steps:   per trial processes fork for a while, each forking in shape deep; everybody counts those alive in
 *          shared memory from their first instruction to their last. Then a good exec.
 * Success: more processes than the limit live at the same time, or the exec does not run.
 */
#include "exec-race.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	LIMIT = 12, /* as the scenario has it, this process included */
	ROUNDS = 12,
	ENOUGH = 48,
};

static const char *const shapes[] = { "wide", "deep", NULL };

struct shared {
	atomic_uint alive, most, made;
};

static struct shared *shared;

static void set_up(struct kit *kit)
{
	(void)kit;
	shared = kit_shared(sizeof(*shared));
}

static void enter(void)
{
	unsigned now = atomic_fetch_add(&shared->alive, 1) + 1;
	unsigned most = atomic_load(&shared->most);

	while (now > most && !atomic_compare_exchange_weak(&shared->most, &most, now))
		;
}

/* The count goes down before the process is gone, so it never shows too many. */
static _Noreturn void leave(void)
{
	atomic_fetch_sub(&shared->alive, 1);
	_exit(0);
}

static void reap(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static void explode(const struct kit *kit, unsigned rounds)
{
	for (unsigned i = 0; i < rounds && atomic_load(&shared->made) < ENOUGH; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			enter();
			atomic_fetch_add(&shared->made, 1);
			if (kit_shape_is(kit, "deep"))
				explode(kit, rounds / 2);
			kit_sleep_ns(kit->pace_ns * ENOUGH);
			reap();
			leave();
		}
		reap();
	}
}

static void try_once(struct kit *kit, unsigned n)
{
	char good[] = "GOOD";
	struct jsonl j;
	pid_t pid;

	memset(shared, 0, sizeof(*shared));
	enter(); /* ourselves */
	explode(kit, kit->honest ? 4 : 3 * ROUNDS);
	while (waitpid(-1, NULL, 0) > 0)
		;
	while (atomic_load(&shared->alive) > 1) /* orphans, who are not ours to wait for */
		kit_sleep_ns(kit->pace_ns);
	if (atomic_load(&shared->most) > LIMIT) {
		kit_event(&j, n, "over-limit");
		jsonl_int(&j, "count", atomic_load(&shared->most));
		kit_send(&j);
	}
	do { /* children of the bomb's children may still be on their way out */
		*kit->exec_errno = 0;
		pid = fork();
		if (pid == 0)
			kit_exec_witness(kit, good, n);
		if (pid < 0)
			kit_sleep_ns(kit->pace_ns);
	} while (pid < 0);
	kit_outcome(kit, pid, n, "trial");
}

int main(int argc, char **argv)
{
	const struct exec_race race = { .set_up = set_up, .try_once = try_once };

	return exec_race_run(argc, argv, shapes, &race);
}
