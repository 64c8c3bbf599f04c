// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  argv[1] lies in memory that another process shares; that process rewrites it from GOOD
 *          to EVIL after it was judged and before the kernel copies it. Freezing the caller's
 *          threads does not stop it.
 * Steps:   per trial a peer and a victim, both fresh, share a page; the victim makes itself the
 *          last in the queue for the CPU, gives the peer the start signal and execs the witness.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  seccomp_unotify(2), "Caveats regarding the use of SECCOMP_USER_NOTIF_FLAG_CONTINUE".
 */
#include "kit.h"

#include <string.h>

static const char *const shapes[] = { "single", "continuous", NULL };

static void try_once(struct kit *kit, char *word, unsigned n)
{
	struct kit_writer writer;
	pid_t peer, victim;

	memcpy(word, "GOOD", 5);
	kit_writer_init(kit, &writer, word, kit_shape_is(kit, "continuous"));
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
	struct kit kit;
	char *word;

	kit_begin(&kit, argc, argv, shapes);
	word = kit_shared(4096);
	kit_warm_up(&kit);
	if (!kit.honest && !kit_probe(&kit))
		return 1;
	for (unsigned n = 1; n <= kit.trials; n++)
		try_once(&kit, word, n);
	return 0;
}
