// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  prctl(PR_SET_DUMPABLE, 0) puts a task out of an unprivileged supervisor's reach: the caller,
 *          whose argv cannot be read then, or a peer, that cannot be stopped from rewriting it.
 * Steps:   per trial the victim (caller) execs EVIL after it has made itself not dumpable; or a peer that
 *          has done so (sharer) rewrites GOOD in a page that both share.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  PR_SET_DUMPABLE(2const), ptrace(2) "Ptrace access mode checking".
 */
#include "exec-race.h"

#include <sys/prctl.h>
#include <unistd.h>

static const char *const shapes[] = { "caller", "sharer", NULL };

static void hide(struct kit *kit)
{
	if (!kit->honest && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		_exit(KIT_BROKEN);
}

static pid_t start_peer(struct kit *kit, struct kit_writer *writer)
{
	bool caller = kit_shape_is(kit, "caller");
	pid_t peer;

	if (caller)
		writer->writes = 0;
	peer = kit_fork(kit);
	if (peer != 0)
		return peer;
	if (!caller)
		hide(kit);
	kit_writer_run(writer);
	for (;;) /* who is gone is no obstacle */
		pause();
}

static void try_once(struct kit *kit, unsigned n)
{
	bool caller = kit_shape_is(kit, "caller");
	const struct exec_peer peer = { .evil = caller && !kit->honest,
					.start = start_peer,
					.ready = caller ? hide : NULL };

	exec_peer_trial(kit, &peer, n);
}

int main(int argc, char **argv)
{
	const struct exec_race race = { .try_once = try_once };

	return exec_race_run(argc, argv, shapes, &race);
}
