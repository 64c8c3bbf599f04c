// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  where Yama denies ptrace, a supervisor cannot read or hold still what it judges. One
 *          that then lets execs through is switched off by a sysctl.
 * Steps:   all victims are made first and wait, because forks may be refused too. In shape mid-run
 *          an honest exec is judged, then Yama is set to deny all while the supervisor runs; in
 *          shape from-start that was done before. Then one victim after the other execs EVIL, every
 *          second one disguised: GOOD until a peer rewrites it.
 *          The honest one goes on behind mid-run where it may, and waits in a connect that is judged.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  Documentation/admin-guide/LSM/Yama.rst, ptrace_scope.
 */
#include "kit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define VICTIMS_MAX 64
#define POLL_NS	    1000000u
#define STILL_POLLS 8

static const struct sockaddr_un address = { AF_UNIX, "\0photofinish-yama" };
static int listener = -1; /* has no room for a second connection; -1: nobody waits for any */

static const char *const shapes[] = { "from-start", "mid-run", NULL };

struct victim {
	pid_t pid, peer;
	char *word; /* shared with the peer, which is disguise for every second victim */
	struct kit_writer writer;
	int go[2], comes[2];
};

static bool is_disguised(unsigned n)
{
	return n % 2 == 0;
}

static bool connect_one(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	return fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
}

static bool listen_without_room(void)
{
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return listener >= 0 &&
	       bind(listener, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
	       listen(listener, 0) == 0 && connect_one();
}

static char state_of(pid_t pid)
{
	char path[32], stat[256];
	const char *end;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, stat, sizeof(stat) - 1);
	close(fd);
	stat[n > 0 ? n : 0] = '\0';
	end = strrchr(stat, ')');
	return end && end[1] ? end[2] : 'Z';
}

/*
 * Makes room once it is wanted, or nobody is left to want it. Who waits sleeps, or is held for a while
 * before it asks once more: longer than a judgement takes, which is as still.
 */
static bool let_in(const struct victim *victim)
{
	unsigned still = 0;
	char byte, state;
	int fd;

	if (read(victim->comes[0], &byte, 1) != 1)
		return false;
	do {
		kit_sleep_ns(POLL_NS);
		state = state_of(victim->pid);
		still = state == 'S' || state == 't' ? still + 1 : 0;
	} while (still < STILL_POLLS && state != 'Z');
	fd = accept(listener, NULL, NULL);
	return fd >= 0 && close(fd) == 0;
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
	if (listener >= 0 && (write(victim->comes[1], "c", 1) != 1 || !connect_one()))
		_exit(KIT_BROKEN);
	kit_exec_witness(kit, victim->word, n);
}

static bool prepare(struct kit *kit, struct victim *victim, unsigned n)
{
	victim->word = kit_shared(4096);
	memcpy(victim->word, kit->honest || is_disguised(n) ? "GOOD" : "EVIL", 5);
	kit_writer_init(kit, &victim->writer, victim->word, false);
	if (pipe2(victim->go, O_CLOEXEC) || pipe2(victim->comes, O_CLOEXEC))
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
	if (listener >= 0 && !let_in(victim))
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
	if (kit.honest && kit_shape_is(&kit, "mid-run") && !listen_without_room())
		return KIT_BROKEN;
	for (unsigned n = 1; n <= kit.trials; n++) {
		if (!prepare(&kit, &victims[n - 1], n))
			return KIT_BROKEN;
	}
	if (kit_shape_is(&kit, "mid-run")) {
		if (!kit.honest && !supervisor_judges(&kit))
			return 1;
		kit_milestone(0, "armed");
	}
	for (unsigned n = 1; n <= kit.trials; n++) {
		if (!release(&kit, &victims[n - 1], n))
			return KIT_BROKEN;
	}
	return 0;
}
