// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a bomb makes more processes than the warden counts, or brings it down.
 * Steps:   per trial processes fork for a while, each forking in shape deep; everybody counts those alive in
 *          shared memory from their first instruction to their last. Then a good exec.
 * Success: more processes than the limit live at the same time.
 */
#include "kit.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* As the scenario has it, this process included. */
enum { LIMIT = 12, TRIES = 3 };

#include <stdatomic.h>

enum { ROUNDS = 12, ENOUGH = 48 };

static const char *const shapes[] = { "wide", "deep", NULL };

struct shared {
	atomic_uint alive, most, made;
};

static void enter(struct shared *shared)
{
	unsigned now = atomic_fetch_add(&shared->alive, 1) + 1;
	unsigned most = atomic_load(&shared->most);

	while (now > most && !atomic_compare_exchange_weak(&shared->most, &most, now))
		;
}

/* The count goes down before the process is gone, so it never shows too many. */
static _Noreturn void leave(struct shared *shared)
{
	atomic_fetch_sub(&shared->alive, 1);
	_exit(0);
}

static void reap(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static void explode(const struct kit *kit, struct shared *shared, unsigned rounds)
{
	for (unsigned i = 0; i < rounds && atomic_load(&shared->made) < ENOUGH; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			enter(shared);
			atomic_fetch_add(&shared->made, 1);
			if (kit_shape_is(kit, "deep"))
				explode(kit, shared, rounds / 2);
			kit_sleep_ns(kit->pace_ns * ENOUGH);
			reap();
			leave(shared);
		}
		reap();
	}
}

static void try_once(struct kit *kit, struct shared *shared, unsigned n)
{
	char good[] = "GOOD";
	struct jsonl j;
	pid_t pid;

	memset(shared, 0, sizeof(*shared));
	enter(shared); /* ourselves */
	explode(kit, shared, kit->honest ? 4 : 3 * ROUNDS);
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
	struct kit *kit =
		kit_shared(sizeof(*kit)); /* aim is taken by whoever waits for the victim */
	struct shared *shared = kit_shared(sizeof(*shared));

	kit_begin(kit, argc, argv, shapes);
	kit_warm_up(kit);
	if (!kit->honest && !kit_probe(kit))
		return 1;
	for (unsigned n = 1; n <= kit->trials; n++)
		try_once(kit, shared, n);
	return 0;
}
