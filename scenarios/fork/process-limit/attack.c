// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a limit that is counted by what is asked for, or by what has been noticed, is too low or
 *          too high by a few.
 * Steps:   per trial children are made until a fork fails; one is ended and waited for, then again
 *          until a fork fails. Clones that fail come in between in shape beside-failures.
 * Success: more processes than the limit live at the same time, or fewer can.
 */
#include "kit.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* As the scenario has it, this process included. */
enum { LIMIT = 12, TRIES = 3 };

static const char *const shapes[] = { "plain", "beside-failures", NULL };

struct crowd {
	unsigned count;
	pid_t of[LIMIT + TRIES];
};

static void say(unsigned n, const char *event, unsigned count)
{
	struct jsonl j;

	kit_event(&j, n, event);
	jsonl_int(&j, "count", count);
	kit_send(&j);
}

/* Until a fork fails, or there are more than can be. */
static void grow(const struct kit *kit, struct crowd *crowd)
{
	while (crowd->count < LIMIT + TRIES) {
		pid_t pid;

		if (kit_shape_is(kit, "beside-failures") &&
		    syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0) == 0)
			_exit(KIT_BROKEN); /* the kernel does not allow it without CLONE_VM */
		if (kit->honest && crowd->count == LIMIT - 1)
			return;
		pid = fork();
		if (pid == 0) {
			for (;;)
				pause();
		}
		if (pid < 0 && errno != EAGAIN)
			_exit(KIT_BROKEN);
		if (pid < 0)
			return;
		crowd->of[crowd->count++] = pid;
	}
}

static void end_one(struct crowd *crowd)
{
	pid_t pid = crowd->of[--crowd->count];

	if (kill(pid, SIGKILL) || waitpid(pid, NULL, 0) != pid)
		_exit(KIT_BROKEN);
}

static void try_once(struct kit *kit, unsigned n)
{
	struct crowd crowd = { 0 };
	unsigned first;

	grow(kit, &crowd);
	first = crowd.count;
	end_one(&crowd);
	grow(kit, &crowd);
	if (first > LIMIT - 1 || crowd.count > LIMIT - 1)
		say(n, "over-limit", crowd.count + 1);
	else if (first == LIMIT - 1 && crowd.count == LIMIT - 1)
		say(n, "full", crowd.count + 1);
	else
		say(n, "under-limit", crowd.count + 1);
	while (crowd.count)
		end_one(&crowd);
	say(n, "trial", first + 1);
}

int main(int argc, char **argv)
{
	struct kit kit;

	kit_begin(&kit, argc, argv, shapes);
	for (unsigned n = 1; n <= kit.trials; n++)
		try_once(&kit, n);
	return 0;
}
