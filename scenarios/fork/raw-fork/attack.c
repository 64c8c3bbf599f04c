// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a child made by a bare system call runs before the supervisor knows that it exists, so
 *          whatever is decided about "all processes" is decided without it.
 * Steps:   per trial one child by the shape's system call. The first thing it does is to read the
 *          clock; it reports that instant, then execs the witness.
 * Success: the child was born before the supervisor registered its pid.
 */
#include "exec-race.h"
#include "broken.h"

#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const shapes[] = { "clone", "vfork", "fork", NULL };

static _Alignas(16) char stack[65536];

/* Shares everything and borrows the CPU of its parent, which waits for its exec. */
static pid_t make_vfork(struct newborn *child)
{
	/* The C library's wrapper only changes to the stack, which may not be shared. */
	return clone(exec_race_cloned, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD,
		     child);
}

/* A system call of its own on older arches; on the others the one that the C library makes of it. */
static pid_t make_fork(void)
{
#ifdef SYS_fork
	return (pid_t)syscall(SYS_fork);
#else
	static pid_t tid;

	return (pid_t)syscall(SYS_clone, CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, 0, 0,
			      0, &tid);
#endif
}

static pid_t make_child(struct newborn *child)
{
	pid_t pid;

	*child->kit->exec_errno = 0;
	if (kit_shape_is(child->kit, "vfork"))
		return make_vfork(child);
	if (child->kit->honest)
		pid = fork();
	else if (kit_shape_is(child->kit, "fork"))
		pid = make_fork();
	else
		pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		exec_race_newborn(child);
	return pid;
}

static void try_once(struct kit *kit, unsigned n)
{
	struct newborn child = { .kit = kit, .n = n };
	pid_t pid = make_child(&child);

	if (pid < 0)
		kit_broken(kit->shape);
	kit_outcome(kit, pid, n, "trial");
}

int main(int argc, char **argv)
{
	const struct exec_race race = { .try_once = try_once };

	return exec_race_run(argc, argv, shapes, &race);
}
