// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a signal cancels the call that is being judged; it is made again, and the answer of the first
 *          is taken for that of the second.
 * Steps:   per trial a third process sends the victim SIGURG, for which it has a handler, again and
 *          again, while a peer rewrites argv[1] and the victim execs.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  seccomp_unotify(2), "Interaction with SA_RESTART signal handlers".
 */
#include "kit.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { SIGNALS = 400 };

static const char *const shapes[] = { "single", "continuous", NULL };

/* After an exec the signal is ignored, as by default. */
static void on_signal(int signal)
{
	(void)signal;
}

static _Noreturn void rain(const struct kit *kit, pid_t victim)
{
	for (int i = 0; i < SIGNALS && kill(victim, SIGURG) == 0; i++)
		kit_sleep_ns(kit->pace_ns / 3 + 1);
	_exit(0);
}

static _Noreturn void be_victim(struct kit *kit, const struct kit_writer *writer, char *word,
				unsigned n)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	pid_t victim = getpid(), rainer;

	if (sigaction(SIGURG, &action, NULL))
		_exit(KIT_BROKEN);
	rainer = fork();
	if (rainer == 0)
		rain(kit, victim);
	if (rainer < 0)
		_exit(KIT_BROKEN);
	kit_demote();
	kit_writer_start(writer);
	kit_exec_witness(kit, word, n);
}

static void try_once(struct kit *kit, char *word, unsigned n)
{
	struct kit_writer writer;
	pid_t peer, victim;

	memcpy(word, "GOOD", 5);
	kit_writer_init(kit, &writer, word, kit_shape_is(kit, "continuous"));
	peer = kit_peer_start(kit, &writer);
	victim = kit_fork(kit);
	if (victim == 0)
		be_victim(kit, &writer, word, n);
	kit_outcome(kit, victim, n, "trial");
	kit_peer_stop(peer, &writer);
}

int main(int argc, char **argv)
{
	struct kit *kit =
		kit_shared(sizeof(*kit)); /* aim is taken by whoever waits for the victim */
	char *word = kit_shared(4096);

	kit_begin(kit, argc, argv, shapes);
	kit_warm_up(kit);
	if (!kit->honest && !kit_probe(kit))
		return 1;
	for (unsigned n = 1; n <= kit->trials; n++)
		try_once(kit, word, n);
	return 0;
}
