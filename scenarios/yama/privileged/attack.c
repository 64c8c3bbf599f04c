// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a supervisor that may trace by a capability, not by the rules for ordinary users, could
 *          fail where only the capability counts: it misses a writer, or refuses honest work.
 * Steps:   per trial a peer shares a page with the victim and rewrites the word in it while the
 *          victim execs. In shape closed everybody is not dumpable; in shape late ptrace_scope
 *          changes while the supervisor runs.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  ptrace(2) "Ptrace access mode checking", Documentation/admin-guide/LSM/Yama.rst.
 */
#include "kit.h"

#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static const char *const shapes[] = { "open", "closed", "late", NULL };

static void try_once(struct kit *kit, char *word, unsigned n)
{
	struct kit_writer writer;
	pid_t peer, victim;

	memcpy(word, "GOOD", 5);
	kit_writer_init(kit, &writer, word, false);
	peer = kit_peer_start(kit, &writer);
	victim = kit_fork(kit);
	if (victim == 0) {
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
	/* Children have it from us; only an exec takes it away. */
	if (kit_shape_is(kit, "closed") && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return KIT_BROKEN;
	kit_warm_up(kit);
	if (!kit->honest && !kit_probe(kit))
		return 1;
	if (kit_shape_is(kit, "late"))
		kit_milestone(0, "armed");
	for (unsigned n = 1; n <= kit->trials; n++)
		try_once(kit, word, n);
	return 0;
}
