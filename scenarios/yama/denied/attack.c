// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  where Yama denies ptrace, a supervisor cannot read or hold still what it judges. One
 *          that then lets execs through is switched off by a sysctl.
 * Steps:   all victims are made first and wait, because forks may be refused too. In shape mid-run
 *          an honest exec is judged, then Yama is set to deny all while the supervisor runs; in
 *          shape from-start that was done before. Then one victim after the other execs EVIL, every
 *          second one disguised: GOOD until a peer rewrites it.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  Documentation/admin-guide/LSM/Yama.rst, ptrace_scope.
 */
#include "kit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define VICTIMS_MAX 64

static const char *const shapes[] = { "mid-run", "from-start", NULL };

struct victim {
	pid_t pid, peer;
	char *word; /* shared with the peer, which is disguise for every second victim */
	struct kit_writer writer;
	int go[2];
};

static bool is_disguised(unsigned n)
{
	return n % 2 == 0;
}

static _Noreturn void be_victim(struct kit *kit, const struct victim *victim, unsigned n)
{
	char byte;

	if (read(victim->go[0], &byte, 1) != 1)
		_exit(KIT_BROKEN);
	if (is_disguised(n)) {
		kit_demote();
		kit_writer_start(&victim->writer);
	}
	kit_exec_witness(kit, victim->word, n);
}

static bool prepare(struct kit *kit, struct victim *victim, unsigned n)
{
	victim->word = kit_shared(4096);
	memcpy(victim->word, kit->honest || is_disguised(n) ? "GOOD" : "EVIL", 5);
	kit_writer_init(kit, &victim->writer, victim->word, false);
	if (pipe2(victim->go, O_CLOEXEC))
		return false;
	victim->peer = kit_peer_start(kit, &victim->writer);
	victim->pid = kit_fork(kit);
	if (victim->pid == 0)
		be_victim(kit, victim, n);
	return true;
}

static bool release(struct kit *kit, struct victim *victim, unsigned n)
{
	*kit->exec_errno = 0;
	if (write(victim->go[1], "g", 1) != 1)
		return false;
	kit_outcome(kit, victim->pid, n, "trial");
	kit_peer_stop(victim->peer, &victim->writer);
	return true;
}

/* Judged while it still can be: the supervisor tells the two words apart. */
static bool supervisor_judges(struct kit *kit)
{
	char good[] = "GOOD";
	pid_t pid;

	if (!kit_probe(kit))
		return false;
	pid = kit_fork(kit);
	if (pid == 0)
		kit_exec_witness(kit, good, 0);
	return kit_outcome(kit, pid, 0, "first");
}

int main(int argc, char **argv)
{
	static struct victim victims[VICTIMS_MAX];
	struct kit kit;

	kit_begin(&kit, argc, argv, shapes);
	if (kit.trials > VICTIMS_MAX) {
		fprintf(stderr, "at most %d trials: all victims wait at once\n", VICTIMS_MAX);
		return 2;
	}
	kit_warm_up(&kit);
	for (unsigned n = 1; n <= kit.trials; n++) {
		if (!prepare(&kit, &victims[n - 1], n))
			return KIT_BROKEN;
	}
	if (!kit.honest && kit_shape_is(&kit, "mid-run")) {
		if (!supervisor_judges(&kit))
			return 1;
		kit_milestone(0, "armed");
	}
	for (unsigned n = 1; n <= kit.trials; n++) {
		if (!release(&kit, &victims[n - 1], n))
			return KIT_BROKEN;
	}
	return 0;
}
