// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  prctl(PR_SET_DUMPABLE, 0) puts a task out of an unprivileged supervisor's reach: the caller,
 *          whose argv cannot be read then, or a peer, that cannot be stopped from rewriting it.
 * Steps:   per trial the victim (caller) execs EVIL after it has made itself not dumpable; or a peer that
 *          has done so (sharer) rewrites GOOD in a page that both share.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  PR_SET_DUMPABLE(2const), ptrace(2) "Ptrace access mode checking".
 */
#include "kit.h"

#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static const char *const shapes[] = { "caller", "sharer", NULL };

static void hide(const struct kit *kit)
{
	if (!kit->honest && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		_exit(KIT_BROKEN);
}

static pid_t start_peer(struct kit *kit, const struct kit_writer *writer)
{
	pid_t peer = kit_fork(kit);

	if (peer == 0) {
		if (kit_shape_is(kit, "sharer"))
			hide(kit);
		kit_writer_run(writer);
		for (;;) /* who is gone is no obstacle */
			pause();
	}
	return peer;
}

static void try_once(struct kit *kit, char *word, unsigned n)
{
	bool caller = kit_shape_is(kit, "caller");
	struct kit_writer writer;
	pid_t peer, victim;

	memcpy(word, caller && !kit->honest ? "EVIL" : "GOOD", 5);
	kit_writer_init(kit, &writer, word, false);
	if (caller)
		writer.writes = 0;
	peer = start_peer(kit, &writer);
	victim = kit_fork(kit);
	if (victim == 0) {
		if (caller)
			hide(kit);
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
