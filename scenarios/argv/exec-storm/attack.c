// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a supervisor under load takes shortcuts: it answers before all writers stand still, or mixes
 *          up whose argv it has read.
 * Steps:   one process per trial, all of them waiting; one end of file lets all exec at once, while a
 *          peer rewrites all their words. Each has a word and a page of its own.
 * Success: a witness runs and says that it was started with EVIL.
 */
#include "kit.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { VICTIMS_MAX = 64, PAGE = 4096 };

static const char *const shapes[] = { "once", "continuous", NULL };

struct words {
	char *first; /* one every PAGE bytes */
	unsigned count;
};

static void put(const struct kit_writer *writer, const char *value)
{
	const struct words *words = writer->context;

	for (unsigned i = 0; i < words->count; i++)
		kit_store(words->first + (size_t)i * PAGE, value);
}

static _Noreturn void be_victim(struct kit *kit, const int gate[2], const struct kit_writer *writer,
				unsigned n)
{
	const struct words *words = writer->context;
	char byte;

	close(gate[1]);
	if (read(gate[0], &byte, 1) != 0)
		_exit(KIT_BROKEN);
	kit_demote(); /* many are judged before the first of them gets on */
	if (n == (words->count + 1) / 2)
		kit_writer_start(writer);
	kit_exec_witness(kit, words->first + (size_t)(n - 1) * PAGE, n);
}

static void make_victims(struct kit *kit, const int gate[2], const struct kit_writer *writer,
			 pid_t *victims)
{
	const struct words *words = writer->context;

	for (unsigned i = 0; i < words->count; i++) {
		memcpy(words->first + (size_t)i * PAGE, "GOOD", 5);
		victims[i] = kit_fork(kit);
		if (victims[i] == 0)
			be_victim(kit, gate, writer, i + 1);
	}
}

int main(int argc, char **argv)
{
	pid_t victims[VICTIMS_MAX], peer;
	struct kit_writer writer;
	struct words words;
	struct kit kit;
	int gate[2];

	kit_begin(&kit, argc, argv, shapes);
	if (kit.trials > VICTIMS_MAX)
		return 2;
	words = (struct words){ kit_shared((size_t)VICTIMS_MAX * PAGE), kit.trials };
	kit_warm_up(&kit);
	if (!kit.honest && !kit_probe(&kit))
		return 1;
	kit.aim_ns = kit.pace_ns * kit.trials / 2; /* in the midst of so many */
	kit_writer_init(&kit, &writer, NULL, kit_shape_is(&kit, "continuous"));
	writer.put = put;
	writer.context = &words;
	peer = kit_peer_start(&kit, &writer);
	if (pipe2(gate, O_CLOEXEC)) /* the peer must not hold an end */
		return KIT_BROKEN;
	make_victims(&kit, gate, &writer, victims);
	close(gate[0]);
	close(gate[1]);
	for (unsigned n = 1; n <= kit.trials; n++)
		kit_outcome(&kit, victims[n - 1], n, "trial");
	kit_peer_stop(peer, &writer);
	return 0;
}
