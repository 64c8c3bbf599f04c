// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  after a failing exec a supervisor leaves peers stopped, or its watch on the caller confused,
 *          so that the next exec is not held.
 * Steps:   per trial a peer counts on and on; the victim fails to exec three times and waits each time
 *          for the count to move, then gives the start signal to a writer and execs the witness. A
 *          peer that stands still for long ends the victim without an exec.
 * Success: the witness runs and says that it was started with EVIL.
 */
#include "kit.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILURES = 3, PATIENCE = 100 };

static const char *const shapes[] = { "single", "continuous", NULL };

struct shared {
	_Alignas(4) char word[8];
	atomic_uint count;
};

static _Noreturn void count_on(const struct kit *kit, struct shared *shared)
{
	for (;;) {
		kit_sleep_ns(kit->pace_ns / 4);
		atomic_fetch_add(&shared->count, 1);
	}
}

static void fail_once(const struct kit *kit, struct shared *shared)
{
	char *argv[] = { "nothing", "GOOD", NULL }, *envp[] = { NULL };
	unsigned before;

	execve("/nonexistent/program", argv, envp);
	before = atomic_load(&shared->count);
	for (int i = 0; atomic_load(&shared->count) == before; i++) {
		if (i == PATIENCE)
			_exit(KIT_BROKEN);
		kit_sleep_ns(kit->pace_ns);
	}
}

static _Noreturn void be_victim(struct kit *kit, struct shared *shared,
				const struct kit_writer *writer, unsigned n)
{
	for (int i = 0; i < FAILURES; i++)
		fail_once(kit, shared);
	kit_demote();
	kit_writer_start(writer);
	kit_exec_witness(kit, shared->word, n);
}

static void try_once(struct kit *kit, struct shared *shared, unsigned n)
{
	struct kit_writer writer;
	pid_t counter, peer, victim;

	memcpy(shared->word, "GOOD", 5);
	kit_writer_init(kit, &writer, shared->word, kit_shape_is(kit, "continuous"));
	counter = kit_fork(kit);
	if (counter == 0)
		count_on(kit, shared);
	peer = kit_peer_start(kit, &writer);
	victim = kit_fork(kit);
	if (victim == 0)
		be_victim(kit, shared, &writer, n);
	kit_outcome(kit, victim, n, "trial");
	kit_peer_stop(peer, &writer);
	if (kill(counter, SIGKILL) || waitpid(counter, NULL, 0) != counter)
		_exit(KIT_BROKEN);
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
