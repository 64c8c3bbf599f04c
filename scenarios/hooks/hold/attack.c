// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a schedule that is searched for cannot be had again, because tasks are not held when and for
 *          as long as its seed says.
 * Steps:   a lever on the end of a call, an exec or a fork, with a seed; then some of these, each timed.
 *          What it should come to is computed beside it.
 * Success: one that was drawn took less time than drawn, or another number of them was held.
 * Source:  delays drawn from a generator that others draw from as well.
 */
#include "broken.h"
#include "held.h"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const shapes[] = { "return", "exec", "fork", NULL };

static uint64_t time_process(struct session *s, bool exec)
{
	uint64_t begun = held_now_ns(), forked;
	pid_t pid = kit_fork(&s->kit);
	char good[] = "GOOD";

	if (pid == 0 && exec)
		kit_exec_witness(&s->kit, good, 0);
	if (pid == 0)
		_exit(0);
	forked = held_now_ns();
	if (waitpid(pid, NULL, 0) != pid)
		kit_broken("waitpid");
	return (exec ? held_now_ns() : forked) - begun;
}

static uint64_t time_exec(struct session *s)
{
	return time_process(s, true);
}

static uint64_t time_fork(struct session *s)
{
	return time_process(s, false);
}

int main(int argc, char **argv)
{
	static const struct held_kind kinds[] = {
		{ PF_RETURN, SYS_getpgid, held_time_call },
		{ PF_EXEC, -1, time_exec },
		{ PF_FORK, -1, time_fork },
	};

	return held_main(argc, argv, shapes, kinds);
}
