// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  what the supervisor reads in /proc is not there: it misses a writer, or waits for ever.
 * Steps:   per trial a peer shares a page with the victim and rewrites the word in it while the victim
 *          execs; in shape hidden the victim, with EVIL, is not dumpable.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  proc(5), "hidepid".
 */
#include "kit.h"

#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static const char *const shapes[] = { "visible", "hidden", NULL };

static void try_once(struct kit *kit, char *word, unsigned n)
{
	bool hidden = kit_shape_is(kit, "hidden") && !kit->honest;
	struct kit_writer writer;
	pid_t peer, victim;

	memcpy(word, hidden ? "EVIL" : "GOOD", 5);
	kit_writer_init(kit, &writer, word, false);
	peer = kit_peer_start(kit, &writer);
	victim = kit_fork(kit);
	if (victim == 0) {
		if (hidden && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
			_exit(KIT_BROKEN);
		kit_demote();
		kit_writer_start(&writer);
		kit_exec_witness(kit, word, n);
	}
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
