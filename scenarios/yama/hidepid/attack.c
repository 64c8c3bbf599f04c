// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  what the supervisor reads in /proc is not there: it misses a writer, or waits for ever.
 * Steps:   per trial a peer shares a page with the victim and rewrites the word in it while the victim
 *          execs; in shape hidden the victim, with EVIL, is not dumpable, in shape hidden-peer the
 *          peer.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  proc(5), "hidepid".
 */
#include "exec-race.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

static const char *const shapes[] = { "visible", "hidden", "hidden-peer", NULL };

static void hide(struct kit *kit)
{
	(void)kit;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		_exit(KIT_BROKEN);
}

/* Waits until it is hidden: before that it can be stopped like any other. */
static pid_t start_hidden(struct kit *kit, struct kit_writer *writer)
{
	int hidden[2];
	pid_t peer;
	char byte;

	if (pipe2(hidden, O_CLOEXEC))
		_exit(KIT_BROKEN);
	peer = kit_fork(kit);
	if (peer == 0) {
		hide(kit);
		if (write(hidden[1], "h", 1) != 1)
			_exit(KIT_BROKEN);
		kit_peer_run(writer);
	}
	close(hidden[1]);
	if (read(hidden[0], &byte, 1) != 1)
		_exit(KIT_BROKEN);
	close(hidden[0]);
	return peer;
}

static void try_once(struct kit *kit, unsigned n)
{
	bool victim = kit_shape_is(kit, "hidden") && !kit->honest;
	bool peer = kit_shape_is(kit, "hidden-peer") && !kit->honest;
	const struct exec_peer trial = { .evil = victim,
					 .start = peer ? start_hidden : NULL,
					 .ready = victim ? hide : NULL };

	exec_peer_trial(kit, &trial, n);
}

int main(int argc, char **argv)
{
	const struct exec_race race = { .try_once = try_once };

	return exec_race_run(argc, argv, shapes, &race);
}
