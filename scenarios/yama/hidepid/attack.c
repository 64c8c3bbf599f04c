// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  what the supervisor reads in /proc is not there: it misses a writer, or waits for ever.
 * Steps:   per trial a peer shares a page with the victim and rewrites the word in it while the victim
 *          execs; in shape hidden the victim, with EVIL, is not dumpable.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  proc(5), "hidepid".
 */
#include "exec-race.h"

#include <sys/prctl.h>
#include <unistd.h>

static const char *const shapes[] = { "visible", "hidden", NULL };

static void hide(struct kit *kit)
{
	(void)kit;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		_exit(KIT_BROKEN);
}

static void try_once(struct kit *kit, unsigned n)
{
	bool hidden = kit_shape_is(kit, "hidden") && !kit->honest;

	exec_peer_trial(kit, &(struct exec_peer){ .evil = hidden, .ready = hidden ? hide : NULL },
			n);
}

int main(int argc, char **argv)
{
	const struct exec_race race = { .try_once = try_once };

	return exec_race_run(argc, argv, shapes, &race);
}
