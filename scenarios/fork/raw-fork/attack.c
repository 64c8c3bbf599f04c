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

struct child {
	struct kit *kit;
	unsigned n;
};

static _Alignas(16) char stack[65536];

static int be_child(void *argument)
{
	uint64_t born_ns = jsonl_now();
	const struct child *child = argument;
	char good[] = "GOOD";
	struct jsonl j;

	jsonl_begin_at(&j, "born", born_ns);
	jsonl_int(&j, "pid", syscall(SYS_getpid));
	jsonl_int(&j, "n", child->n);
	kit_send(&j);
	kit_exec_witness(child->kit, good, child->n);
}

/* Shares everything and borrows the CPU of its parent, which waits for its exec. */
static pid_t make_vfork(struct child *child)
{
	/* The C library's wrapper only changes to the stack, which may not be shared. */
	return clone(be_child, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, child);
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

static pid_t make_child(struct child *child)
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
		be_child(child);
	return pid;
}

static void try_once(struct kit *kit, unsigned n)
{
	struct child child = { .kit = kit, .n = n };
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
