// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  where Yama denies ptrace, a supervisor cannot read or hold still what it judges. One that
 *          then lets execs through is switched off by a sysctl.
 * Steps:   an honest exec; then, in shape mid-run, Yama is set to deny all while the supervisor runs;
 *          then execs of EVIL, every other one disguised: GOOD until a peer rewrites it.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  Documentation/admin-guide/LSM/Yama.rst, ptrace_scope.
 */
#include "kit.h"

#include <string.h>

static const char *const shapes[] = { "mid-run", "from-start", NULL };

static void try_disguised(struct kit *kit, char *word, unsigned n)
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

static bool try_plain(struct kit *kit, char *word, const char *value, unsigned n,
		      const char *event)
{
	pid_t victim;

	memcpy(word, value, 5);
	victim = kit_fork(kit);
	if (victim == 0)
		kit_exec_witness(kit, word, n);
	return kit_outcome(kit, victim, n, event);
}

static int attack(struct kit *kit, char *word)
{
	/* Judged while it still can be: the supervisor tells the two words apart. */
	if (!kit_probe(kit) || !try_plain(kit, word, "GOOD", 0, "first"))
		return 1;
	if (kit_shape_is(kit, "mid-run"))
		kit_milestone(0, "armed");
	for (unsigned n = 1; n <= kit->trials; n++) {
		if (n % 2)
			try_plain(kit, word, "EVIL", n, "trial");
		else
			try_disguised(kit, word, n);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct kit kit;
	char *word;

	kit_begin(&kit, argc, argv, shapes);
	word = kit_shared(4096);
	kit_warm_up(&kit);
	if (!kit.honest)
		return attack(&kit, word);
	for (unsigned n = 1; n <= kit.trials; n++)
		try_plain(&kit, word, "GOOD", n, "trial");
	return 0;
}
