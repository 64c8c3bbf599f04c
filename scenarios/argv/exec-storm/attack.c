// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a supervisor under load takes shortcuts: it answers before all writers stand still, or mixes
 *          up whose argv it has read.
 * Steps:   one process per trial, up to 64 of them waiting; one end of file lets all exec at once, while
 *          a peer rewrites all their words. Each has a word and a page of its own. More trials are
 *          further storms.
 * Success: a witness runs and says that it was started with EVIL.
 */
#include "kit.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { STORM = 64, PAGE = 4096 };

static const char *const shapes[] = { "once", "continuous", NULL };

struct words {
	char *first; /* one every PAGE bytes */
	unsigned count;
	unsigned before; /* trials that are over */
};

static void put(const struct kit_writer *writer, const char *value)
{
	const struct words *words = writer->context;

	for (unsigned i = 0; i < words->count; i++)
		kit_store(words->first + (size_t)i * PAGE, value);
}

static _Noreturn void be_victim(struct kit *kit, const int gate[2], const struct kit_writer *writer,
				unsigned i)
{
	const struct words *words = writer->context;
	char byte;

	close(gate[1]);
	if (read(gate[0], &byte, 1) != 0)
		_exit(KIT_BROKEN);
	kit_demote(); /* many are judged before the first of them gets on */
	if (i == (words->count - 1) / 2)
		kit_writer_start(writer);
	kit_exec_witness(kit, words->first + (size_t)i * PAGE, words->before + i + 1);
}

static int run_storm(struct kit *kit, const struct kit_writer *writer)
{
	const struct words *words = writer->context;
	pid_t victims[STORM];
	int gate[2];

	if (pipe2(gate, O_CLOEXEC)) /* the peer must not hold an end */
		return KIT_BROKEN;
	for (unsigned i = 0; i < words->count; i++) {
		memcpy(words->first + (size_t)i * PAGE, "GOOD", 5);
		victims[i] = kit_fork(kit);
		if (victims[i] == 0)
			be_victim(kit, gate, writer, i);
	}
	close(gate[0]);
	close(gate[1]);
	for (unsigned i = 0; i < words->count; i++)
		kit_outcome(kit, victims[i], words->before + i + 1, "trial");
	return 0;
}

/* A peer serves one start signal, so each storm has its own. */
static int run_all(struct kit *kit, struct kit_writer *writer, struct words *words)
{
	while (words->before < kit->trials) {
		unsigned left = kit->trials - words->before;
		pid_t peer;
		int status;

		words->count = left < STORM ? left : STORM;
		/* In the midst of so many; what became of the last storm's says nothing. */
		kit_aim(kit, kit->pace_ns * words->count / 2);
		kit_writer_init(kit, writer, NULL, kit_shape_is(kit, "continuous"));
		writer->put = put;
		writer->context = words;
		peer = kit_peer_start(kit, writer);
		status = run_storm(kit, writer);
		kit_peer_stop(peer, writer);
		if (status)
			return status;
		words->before += words->count;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct kit_writer writer;
	struct words words = { 0 };
	struct kit kit;

	kit_begin(&kit, argc, argv, shapes);
	words.first = kit_shared((size_t)STORM * PAGE);
	kit_warm_up(&kit);
	if (!kit.honest && !kit_probe(&kit))
		return 1;
	return run_all(&kit, &writer, &words);
}
