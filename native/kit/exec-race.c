// SPDX-License-Identifier: Apache-2.0
#include "exec-race.h"

#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int exec_race_run(int argc, char **argv, const char *const shapes[], const struct exec_race *race)
{
	/* Aim is taken by whoever waits for the victim, and that may be a child. */
	struct kit *kit = kit_shared(sizeof(*kit));

	kit_begin(kit, argc, argv, shapes);
	if (race->set_up)
		race->set_up(kit);
	kit_warm_up(kit);
	if (!kit->honest && !(race->probe ? race->probe(kit) : kit_probe(kit)))
		return 1;
	if (race->armed)
		race->armed(kit);
	for (unsigned n = 1; n <= kit->trials; n++)
		race->try_once(kit, n);
	return 0;
}

_Noreturn void exec_race_newborn(const struct newborn *self)
{
	uint64_t born_ns = jsonl_now();
	char good[] = "GOOD";
	struct jsonl j;

	jsonl_begin_at(&j, "born", born_ns);
	jsonl_int(&j, "pid", syscall(SYS_getpid)); /* a C library may keep its parent's */
	jsonl_int(&j, "n", self->n);
	if (self->by)
		jsonl_str(&j, "by", self->by, strlen(self->by));
	kit_send(&j);
	kit_exec_witness(self->kit, good, self->n);
}

int exec_race_cloned(void *newborn)
{
	exec_race_newborn(newborn);
}

_Noreturn void exec_race_victim(struct kit *kit, const struct kit_writer *writer, unsigned n)
{
	kit_demote();
	kit_writer_start(writer);
	kit_exec_witness(kit, writer->word, n);
}

void exec_peer_trial(struct kit *kit, const struct exec_peer *peer, unsigned n)
{
	static char *word; /* on a page that everybody shares */
	struct kit_writer writer;
	pid_t pid, victim;

	if (!word)
		word = kit_shared(sizeof("EVIL"));
	memcpy(word, peer->evil ? "EVIL" : "GOOD", sizeof("EVIL"));
	kit_writer_init(kit, &writer, word, peer->continuous);
	pid = peer->start ? peer->start(kit, &writer) : kit_peer_start(kit, &writer);
	victim = kit_fork(kit);
	if (victim == 0) {
		if (peer->ready)
			peer->ready(kit);
		exec_race_victim(kit, &writer, n);
	}
	kit_outcome(kit, victim, n, "trial");
	if (pid)
		kit_peer_stop(pid, &writer);
	else
		kit_writer_close(&writer);
}
