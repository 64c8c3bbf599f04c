// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a supervisor that reads 64 arguments of 4096 bytes, or takes them for text, judges less than
 *          what runs.
 * Steps:   first an exec with EVIL in the shape's place that nobody races, which has to be refused; then
 *          per trial one with GOOD there, which a thread rewrites.
 * Success: the witness runs and says that it was started with EVIL.
 */
#include "exec-race.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LATE = 64, FAR = 4096, ARGS_ROOM = LATE + 3 };

static const char *const shapes[] = { "late", "far", "bytes", NULL };

static _Alignas(4) char text[FAR + 5];

struct call {
	char *argv[ARGS_ROOM];
	char *word; /* within the argv */
	char number[12];
};

static void prepare(const struct kit *kit, struct call *call, const char *value, unsigned n)
{
	bool late = kit_shape_is(kit, "late");
	size_t before = kit_shape_is(kit, "far") ? FAR : late ? 0 : 4;
	unsigned last = late ? LATE : 1;

	memset(text, 'x', before);
	if (kit_shape_is(kit, "bytes"))
		memcpy(text, "\xff\xfe\x80\xc1", 4);
	call->word = text + before;
	memcpy(call->word, value, 5);
	snprintf(call->number, sizeof(call->number), "%u", n);
	call->argv[0] = "witness-last";
	for (unsigned i = 1; i < last; i++)
		call->argv[i] = "x";
	call->argv[last] = text;
	call->argv[last + 1] = call->number;
	call->argv[last + 2] = NULL;
}

static void *write_it(void *writer)
{
	kit_writer_run(writer);
	return NULL;
}

static _Noreturn void be_victim(struct kit *kit, struct call *call, struct kit_writer *writer)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, write_it, writer))
		_exit(KIT_BROKEN);
	kit_demote(); /* after the thread was made: it would inherit this */
	kit_writer_start(writer);
	kit_exec(kit, KIT_WITNESS, call->argv);
}

/* With nobody racing it. */
static bool is_refused(struct kit *kit)
{
	struct call call;
	pid_t victim;

	prepare(kit, &call, "EVIL", 0);
	victim = kit_fork(kit);
	if (victim == 0)
		kit_exec(kit, KIT_WITNESS, call.argv);
	kit_outcome(kit, victim, 0, "probe");
	return *kit->exec_errno != 0;
}

static void try_once(struct kit *kit, unsigned n)
{
	struct kit_writer writer;
	struct call call;
	pid_t victim;

	prepare(kit, &call, "GOOD", n);
	kit_writer_init(kit, &writer, call.word, false);
	victim = kit_fork(kit);
	if (victim == 0)
		be_victim(kit, &call, &writer);
	kit_writer_close(&writer);
	kit_outcome(kit, victim, n, "trial");
}

int main(int argc, char **argv)
{
	const struct exec_race race = { .probe = is_refused, .try_once = try_once };

	return exec_race_run(argc, argv, shapes, &race);
}
