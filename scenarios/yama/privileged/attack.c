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
#include "exec-race.h"
#include "broken.h"

#include <sys/prctl.h>

static const char *const shapes[] = { "open", "closed", "late", NULL };

static void set_up(struct kit *kit)
{
	/* Children have it from us; only an exec takes it away. */
	if (kit_shape_is(kit, "closed") && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		kit_broken("dumpable");
}

static void armed(struct kit *kit)
{
	if (kit_shape_is(kit, "late"))
		kit_milestone(0, "armed");
}

static void try_once(struct kit *kit, unsigned n)
{
	exec_peer_trial(kit, &(struct exec_peer){ 0 }, n);
}

int main(int argc, char **argv)
{
	const struct exec_race race = { .set_up = set_up, .armed = armed, .try_once = try_once };

	return exec_race_run(argc, argv, shapes, &race);
}
