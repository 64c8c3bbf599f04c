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
#include "exec-race.h"

static const char *const shapes[] = { "single", "continuous", NULL };

static void try_once(struct kit *kit, unsigned n)
{
	bool continuous = kit_shape_is(kit, "continuous");

	exec_peer_trial(kit, &(struct exec_peer){ .continuous = continuous }, n);
}

int main(int argc, char **argv)
{
	const struct exec_race race = { .try_once = try_once };

	return exec_race_run(argc, argv, shapes, &race);
}
