// SPDX-License-Identifier: Apache-2.0
/* Who rewrites a word while it is judged, and what decides when. */
#include "kit.h"
#include "broken.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WRITES_MAX 64

void kit_demote(void)
{
	const struct sched_param none = { 0 };

	if (sched_setscheduler(0, SCHED_IDLE, &none))
		kit_broken("SCHED_IDLE");
}

void kit_be_urgent(bool yes)
{
	const struct sched_param param = { .sched_priority = yes };

	if (sched_setscheduler(0, yes ? SCHED_FIFO : SCHED_OTHER, &param))
		kit_broken("sched_setscheduler");
}

void kit_sleep_ns(uint64_t ns)
{
	struct timespec left = { .tv_sec = (time_t)(ns / 1000000000u),
				 .tv_nsec = (long)(ns % 1000000000u) };
	int err;

	do {
		err = clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left);
	} while (err == EINTR);
	if (err) {
		errno = err;
		kit_broken("clock_nanosleep");
	}
}

void kit_writer_init(struct kit *kit, struct kit_writer *writer, char *word, bool continuous)
{
	/* Within a step of where it is aimed at: as wide as that is uncertain. */
	uint64_t most = kit->aim_ns / 4;
	uint64_t step = kit->step_ns && kit->step_ns < most ? kit->step_ns : most;

	kit->races = true;
	*writer = (struct kit_writer){ .word = word };
	writer->first_ns = kit->aim_ns - step + kit_below(kit, 2 * step + 1);
	if (continuous) {
		writer->lead_ns = 2 * kit->pace_ns + kit_below(kit, 2 * kit->pace_ns);
		writer->every_ns = kit->pace_ns / 2 + kit_below(kit, kit->pace_ns);
	}
	if (!kit->honest)
		writer->writes = continuous ? WRITES_MAX : 1;
	if (pipe2(writer->go, O_CLOEXEC))
		kit_broken("pipe2");
}

void kit_writer_unaim(struct kit *kit, struct kit_writer *writer)
{
	writer->first_ns = kit_below(kit, 2 * kit->aim_ns + 1);
}

void kit_store(char *word, const char *value)
{
	uint32_t bytes;

	memcpy(&bytes, value, sizeof(bytes));
	__atomic_store_n((uint32_t *)(void *)word, bytes, __ATOMIC_SEQ_CST);
}

void kit_writer_run(const struct kit_writer *writer)
{
	char byte;
	ssize_t got;

	/* The kernel may round a sleep up by this much; the default, 50 us, would blur the seed. */
	if (prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0))
		kit_broken("timer slack");
	do {
		got = read(writer->go[0], &byte, 1);
	} while (got < 0 && errno == EINTR);
	if (got != 1)
		kit_broken("start signal");
	for (unsigned i = 0; i < writer->writes; i++) {
		kit_sleep_ns(i ? writer->every_ns : writer->first_ns);
		if (writer->put)
			writer->put(writer, i % 2 ? "GOOD" : "EVIL");
		else
			kit_store(writer->word, i % 2 ? "GOOD" : "EVIL");
	}
}

void kit_writer_start(const struct kit_writer *writer)
{
	if (write(writer->go[1], "g", 1) != 1)
		kit_broken("start signal");
	if (writer->lead_ns)
		kit_sleep_ns(writer->lead_ns);
}

void kit_writer_close(const struct kit_writer *writer)
{
	close(writer->go[0]);
	close(writer->go[1]);
}

static int run_cloned(void *writer)
{
	kit_writer_run(writer);
	_exit(0);
}

pid_t kit_writer_clone(const struct kit_writer *writer, int flags)
{
	static _Alignas(16) char stack[65536];
	pid_t pid = clone(run_cloned, stack + sizeof(stack), flags | SIGCHLD, (void *)writer);

	if (pid < 0)
		kit_broken("clone");
	return pid;
}

_Noreturn void kit_peer_run(const struct kit_writer *writer)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		kit_broken("parent death signal");
	kit_writer_run(writer);
	_exit(0);
}

pid_t kit_peer_start(struct kit *kit, const struct kit_writer *writer)
{
	pid_t peer = kit_fork(kit);

	if (peer == 0)
		kit_peer_run(writer);
	return peer;
}

void kit_peer_stop(pid_t peer, const struct kit_writer *writer)
{
	int status;

	kit_writer_close(writer);
	if (kill(peer, SIGKILL) || waitpid(peer, &status, 0) != peer)
		kit_broken("stop peer");
	if (WIFEXITED(status) && WEXITSTATUS(status)) /* it has said why */
		_exit(KIT_BROKEN);
}
