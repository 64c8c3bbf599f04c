// SPDX-License-Identifier: Apache-2.0
/*
 * hooked WAY PROGRAM null N...: as root, has a program executed that getppid(2) is measured with, while
 *	absent	   the hook module is not there
 *	idle	   it is, and nobody has a hook
 *	others	   16 hooks look at other calls
 *	unmatched  16 hooks look at getppid, and none of their programs matches
 *	gated	   a hook records getppid of who is in scope, which the program is not
 *	recording  a hook records getppid
 *	ftrace	   the tracepoint's own event, raw_syscalls:sys_enter, is recorded instead
 * Afterwards it is asked whether it was so: what records nothing, or is not even looked at, costs less.
 */
#include "broken.h"
#include "hooks.h"
#include "kit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOOKS	   16
#define RING_BYTES (4u << 20) /* more than is ever recorded: nothing is dropped, which is cheaper */
#define TRACING	   "/sys/kernel/tracing"
#define FEW	   8
#define USAGE	   2

static struct hooks hooks;
static int ids[HOOKS];
static unsigned count;	    /* of hooks */
static unsigned long calls; /* that the program makes at least */

static void add(const struct pf_hook *hook)
{
	int id = hooks_add(&hooks, hook);

	if (id < 0) {
		errno = -id;
		kit_broken(hooks.reason[0] ? hooks.reason : "hook");
	}
	ids[count++] = id;
}

static void begin(void)
{
	int err = hooks_open(&hooks, RING_BYTES);

	if (err) {
		errno = -err;
		kit_broken("/dev/photofinish");
	}
}

/* What the hooks have to have matched by now, each of them, and recorded of that. */
static void expect(unsigned long least, unsigned long most, bool recorded)
{
	for (unsigned i = 0; i < count; i++) {
		struct pf_counts c;

		errno = -hooks_counts(&hooks, ids[i], &c);
		if (errno)
			kit_broken("counts");
		if (c.matched >= least && c.matched <= most && !c.dropped && !c.failed &&
		    c.recorded == (recorded ? c.matched : 0))
			continue;
		dprintf(STDERR_FILENO, "hooked: matched %llu, recorded %llu, dropped %llu\n",
			(unsigned long long)c.matched, (unsigned long long)c.recorded,
			(unsigned long long)c.dropped);
		_exit(KIT_BROKEN);
	}
}

static bool is_there(void)
{
	return access("/dev/photofinish", F_OK) == 0;
}

static void way_absent(void)
{
	if (syscall(SYS_delete_module, "photofinish", O_NONBLOCK))
		kit_broken("delete_module");
}

static void was_absent(void)
{
	if (is_there())
		kit_broken("the module is there");
}

static void was_idle(void)
{
	if (!is_there())
		kit_broken("the module is not there");
}

static void way_others(void)
{
	struct pf_hook hook = hooks_all(PF_CALL);

	begin();
	for (int i = 0; i < HOOKS; i++) {
		hook.number = SYS_mkdirat + i;
		add(&hook);
	}
}

/* A program makes some of them when it begins, but not the first. */
static void were_others(void)
{
	expect(0, FEW, true);
	count = 1;
	expect(0, 0, true);
	if (syscall(SYS_mkdirat, -1, NULL, 0) == 0)
		kit_broken("mkdirat");
	expect(1, 1, true);
}

/* It would match what this process does. */
static void way_unmatched(void)
{
	const struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct pf_view, pid)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)getpid(), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct pf_hook hook = hooks_all(PF_CALL);

	begin();
	hook.number = SYS_getppid;
	hook.program = (uintptr_t)program;
	hook.length = sizeof(program) / sizeof(program[0]);
	for (int i = 0; i < HOOKS; i++)
		add(&hook);
}

static void was_unmatched(void)
{
	expect(0, 0, true);
	syscall(SYS_getppid);
	expect(1, 1, true);
}

static void record(uint32_t flags)
{
	struct pf_hook hook = hooks_all(PF_CALL);

	begin();
	hook.number = SYS_getppid;
	hook.flags |= flags;
	add(&hook);
}

static void way_gated(void)
{
	record(PF_SCOPED | PF_SCOPE_LATER);
}

/* Who comes into scope afterwards is told of. */
static void was_gated(void)
{
	pid_t pid;
	int status;

	expect(0, 0, true);
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWUTS))
			kit_broken("unshare");
		syscall(SYS_getppid);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		kit_broken("child");
	expect(1, 1, true);
}

static void way_recording(void)
{
	record(0);
}

static void was_recording(void)
{
	expect(calls, ULONG_MAX, true);
}

static void way_ftrace(void)
{
	if (mount("tracefs", TRACING, "tracefs", 0, NULL) && errno != EBUSY)
		kit_broken(TRACING);
	kit_write(TRACING "/buffer_size_kb", "4096");
	kit_write(TRACING "/events/raw_syscalls/sys_enter/enable", "1");
	kit_write(TRACING "/tracing_on", "1");
}

/* The guest has one CPU. */
static void was_ftrace(void)
{
	FILE *stats = fopen(TRACING "/per_cpu/cpu0/stats", "re");
	unsigned long entries;

	if (!stats || fscanf(stats, "entries: %lu", &entries) != 1 || fclose(stats))
		kit_broken(TRACING);
	if (entries >= calls)
		return;
	errno = ENODATA;
	kit_broken(TRACING);
}

static void nothing(void)
{
}

static const struct way {
	const char *name;
	void (*begin)(void);
	void (*ask)(void); /* whether it was so */
} ways[] = {
	{ "absent", way_absent, was_absent },  { "idle", nothing, was_idle },
	{ "others", way_others, were_others }, { "unmatched", way_unmatched, was_unmatched },
	{ "gated", way_gated, was_gated },     { "recording", way_recording, was_recording },
	{ "ftrace", way_ftrace, was_ftrace },
};

static void run(char **program)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execv(program[0], program);
		kit_broken(program[0]);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		kit_broken("fork");
	if (status)
		_exit(KIT_BROKEN);
}

int main(int argc, char **argv)
{
	if (argc < 5)
		return USAGE;
	calls = strtoul(argv[4], NULL, 10);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(argv[1], ways[i].name))
			continue;
		ways[i].begin();
		run(argv + 2);
		ways[i].ask();
		return 0;
	}
	return USAGE;
}
