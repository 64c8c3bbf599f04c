// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  at ptrace_scope 1 a supervisor may trace its descendants only: a writer whose parent is dead
 *          could be out of its reach.
 * Steps:   per trial a writer is made, by a middle process that ends in shape orphan; the victim shares
 *          its page, gives the start signal and execs the witness.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  Documentation/admin-guide/LSM/Yama.rst, ptrace_scope.
 */
#include "kit.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const shapes[] = { "orphan", "child", NULL };

static _Noreturn void be_middle(const struct kit_writer *writer)
{
	pid_t pid = fork();

	if (pid == 0) {
		kit_writer_run(writer);
		_exit(0);
	}
	_exit(pid < 0 ? KIT_BROKEN : 0);
}

static void make_orphan(struct kit *kit, const struct kit_writer *writer)
{
	pid_t middle = kit_fork(kit);
	int status;

	if (middle == 0)
		be_middle(writer);
	if (waitpid(middle, &status, 0) != middle || !WIFEXITED(status) || WEXITSTATUS(status))
		_exit(KIT_BROKEN);
}

static void try_once(struct kit *kit, char *word, unsigned n)
{
	bool orphan = kit_shape_is(kit, "orphan");
	struct kit_writer writer;
	pid_t peer = 0, victim;

	memcpy(word, "GOOD", 5);
	kit_writer_init(kit, &writer, word, false);
	if (orphan)
		make_orphan(kit, &writer);
	else
		peer = kit_peer_start(kit, &writer);
	victim = kit_fork(kit);
	if (victim == 0) {
		kit_demote();
		kit_writer_start(&writer);
		kit_exec_witness(kit, word, n);
	}
	kit_outcome(kit, victim, n, "trial");
	if (orphan)
		kit_writer_close(&writer); /* it ends after its one write */
	else
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
