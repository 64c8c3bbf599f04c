// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  no memory is shared: the writer uses process_vm_writev(2), /proc/<pid>/mem, or is the
 *          caller's tracer, which also keeps a supervisor from tracing it.
 * Steps:   per trial a peer is told the victim's number and writes EVIL over its argv[1] when its
 *          moment comes; the victim makes itself the last in the queue for the CPU and execs.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  process_vm_writev(2), proc_pid_mem(5), ptrace(2).
 */
#include "exec-race.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *const shapes[] = { "writev", "memory-file", "tracer", NULL };

static _Alignas(4) char word[] = "GOOD";

struct hand {
	const struct kit *kit;
	pid_t victim;
	int ready[2]; /* the writer is in place */
};

/* It fails once the victim has execed, or was not let near it: then nothing is rewritten. */
static void write_file(pid_t victim, const char *value)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)victim);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (pwrite(fd, value, 4, (off_t)(uintptr_t)word) != 4)
		errno = 0;
	close(fd);
}

static void put(const struct kit_writer *writer, const char *value)
{
	const struct hand *hand = writer->context;
	struct iovec here = { (void *)value, 4 }, there = { word, 4 };

	if (kit_shape_is(hand->kit, "memory-file"))
		write_file(hand->victim, value);
	else if (process_vm_writev(hand->victim, &here, 1, &there, 1, 0) != 4)
		errno = 0; /* as above */
}

static _Noreturn void be_peer(struct hand *hand, const struct kit_writer *writer)
{
	if (kit_shape_is(hand->kit, "tracer") && !hand->kit->honest)
		(void)ptrace(PTRACE_SEIZE, hand->victim, NULL, NULL); /* the attack fails with it */
	if (write(hand->ready[1], "r", 1) != 1)
		_exit(KIT_BROKEN);
	kit_writer_run(writer);
	_exit(0);
}

static void wait_for_peer(const struct hand *hand)
{
	char byte;

	if (read(hand->ready[0], &byte, 1) != 1)
		_exit(KIT_BROKEN);
}

static void try_once(struct kit *kit, unsigned n)
{
	struct hand hand = { .kit = kit };
	bool traces = kit_shape_is(kit, "tracer");
	struct kit_writer writer;
	pid_t peer;

	kit_writer_init(kit, &writer, word, false);
	if (traces)
		kit_writer_unaim(kit, &writer);
	writer.put = put;
	writer.context = &hand;
	if (pipe2(hand.ready, O_CLOEXEC))
		_exit(KIT_BROKEN);
	hand.victim = kit_fork(kit);
	if (hand.victim == 0) {
		wait_for_peer(&hand);
		exec_race_victim(kit, &writer, n);
	}
	peer = fork();
	if (peer == 0)
		be_peer(&hand, &writer);
	close(hand.ready[0]);
	close(hand.ready[1]);
	kit_outcome(kit, hand.victim, n, "trial");
	kit_peer_stop(peer, &writer);
	/* Refused may mean that a tracer was in the way, which says nothing of when; and until its
	 * tracer has written a victim is not dead to its parent, so aim would only move away. */
	if (traces)
		kit_aim(kit, kit->pace_ns);
}

int main(int argc, char **argv)
{
	const struct exec_race race = { .try_once = try_once };

	return exec_race_run(argc, argv, shapes, &race);
}
