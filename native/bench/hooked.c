// SPDX-License-Identifier: Apache-2.0
/*
 * hooked WAY PROGRAM...: as root, executes a program that getppid(2) is measured with, while
 *	absent	   the hook module is not there
 *	idle	   it is, and nobody has a hook
 *	others	   16 hooks look at other calls
 *	unmatched  16 hooks look at getppid, and none of their programs matches
 *	gated	   a hook records getppid of who is in scope, which the program is not
 *	recording  a hook records getppid
 *	ftrace	   the tracepoint's own event, raw_syscalls:sys_enter, is recorded instead
 */
#include "broken.h"
#include "hooks.h"
#include "kit.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HOOKS	   16
#define RING_BYTES (4u << 20) /* more than is ever recorded: nothing is dropped, which is cheaper */
#define TRACING	   "/sys/kernel/tracing"
#define USAGE	   2

static void add(struct hooks *h, const struct pf_hook *hook)
{
	int id = hooks_add(h, hook);

	if (id < 0) {
		errno = -id;
		kit_broken(h->reason[0] ? h->reason : "hook");
	}
}

/* The session is the program's, which knows nothing of it. */
static void begin(struct hooks *h)
{
	int err = hooks_open(h, RING_BYTES);

	if (err) {
		errno = -err;
		kit_broken("/dev/photofinish");
	}
	if (fcntl(h->fd, F_SETFD, 0) < 0)
		kit_broken("fcntl");
}

static void way_absent(void)
{
	if (syscall(SYS_delete_module, "photofinish", O_NONBLOCK))
		kit_broken("delete_module");
}

static void way_others(void)
{
	struct pf_hook hook = hooks_all(PF_CALL);
	struct hooks h;

	begin(&h);
	for (int i = 0; i < HOOKS; i++) {
		hook.number = SYS_mkdirat + i;
		add(&h, &hook);
	}
}

static void way_unmatched(void)
{
	const struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct pf_view, pid)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct pf_hook hook = hooks_all(PF_CALL);
	struct hooks h;

	begin(&h);
	hook.number = SYS_getppid;
	hook.program = (uintptr_t)program;
	hook.length = sizeof(program) / sizeof(program[0]);
	for (int i = 0; i < HOOKS; i++)
		add(&h, &hook);
}

static void record(uint32_t flags)
{
	struct pf_hook hook = hooks_all(PF_CALL);
	struct hooks h;

	begin(&h);
	hook.number = SYS_getppid;
	hook.flags |= flags;
	add(&h, &hook);
}

static void way_gated(void)
{
	record(PF_SCOPED | PF_SCOPE_LATER);
}

static void way_recording(void)
{
	record(0);
}

static void way_ftrace(void)
{
	if (mount("tracefs", TRACING, "tracefs", 0, NULL) && errno != EBUSY)
		kit_broken(TRACING);
	kit_write(TRACING "/buffer_size_kb", "4096");
	kit_write(TRACING "/events/raw_syscalls/sys_enter/enable", "1");
	kit_write(TRACING "/tracing_on", "1");
}

static void nothing(void)
{
}

static const struct way {
	const char *name;
	void (*begin)(void);
} ways[] = {
	{ "absent", way_absent },	{ "idle", nothing },	{ "others", way_others },
	{ "unmatched", way_unmatched }, { "gated", way_gated }, { "recording", way_recording },
	{ "ftrace", way_ftrace },
};

int main(int argc, char **argv)
{
	if (argc < 3)
		return USAGE;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(argv[1], ways[i].name))
			continue;
		ways[i].begin();
		execv(argv[2], argv + 2);
		kit_broken(argv[2]);
	}
	return USAGE;
}
