// SPDX-License-Identifier: Apache-2.0
#include "resident.h"
#include "broken.h"

#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static uint8_t take(int fd)
{
	uint8_t byte;

	if (read(fd, &byte, 1) != 1)
		kit_broken("resident");
	return byte;
}

static void give(int fd, uint8_t byte)
{
	if (write(fd, &byte, 1) != 1)
		kit_broken("resident");
}

static _Noreturn void reside(int go, int done)
{
	if (unshare(CLONE_NEWUTS))
		kit_broken("unshare");
	for (;;) {
		give(done, 0);
		for (uint8_t times = take(go); times; times--)
			syscall(SYS_getppid);
	}
}

struct resident resident_start(struct kit *kit)
{
	int go[2], done[2];
	struct resident r;

	if (pipe(go) || pipe(done))
		kit_broken("pipe");
	r = (struct resident){ .pid = kit_fork(kit), .go = go[1], .done = done[0] };
	if (r.pid == 0) {
		close(go[1]);
		close(done[0]);
		reside(go[0], done[1]);
	}
	close(go[0]);
	close(done[1]);
	take(r.done);
	return r;
}

void resident_call(const struct resident *r, unsigned times)
{
	give(r->go, (uint8_t)times);
	take(r->done);
}

void resident_end(const struct resident *r)
{
	if (kill(r->pid, SIGKILL) || waitpid(r->pid, NULL, 0) != r->pid)
		kit_broken("resident");
	close(r->go);
	close(r->done);
}
