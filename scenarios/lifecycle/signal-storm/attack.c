// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a signal cancels the call that is being judged; it is made again, and the answer of the first
 *          is taken for that of the second.
 * Steps:   per trial a third process sends the victim SIGURG, for which it has a handler, again and
 *          again, while a peer rewrites argv[1] and the victim execs.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  seccomp_unotify(2), "Interaction with SA_RESTART signal handlers".
 */
#include "exec-race.h"

#include <signal.h>
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

static void be_rained_on(struct kit *kit)
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
}

static void try_once(struct kit *kit, unsigned n)
{
	const struct exec_peer peer = { .continuous = kit_shape_is(kit, "continuous"),
					.ready = be_rained_on };

	exec_peer_trial(kit, &peer, n);
}

int main(int argc, char **argv)
{
	const struct exec_race race = { .try_once = try_once };

	return exec_race_run(argc, argv, shapes, &race);
}
