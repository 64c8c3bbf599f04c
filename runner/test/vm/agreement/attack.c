// SPDX-License-Identifier: Apache-2.0
/*
 * No attack: has the kernel run programs of the compiler. For each of them a child installs it, makes
 * calls with given arguments and keeps what each gave; the program refuses all of them with an errno
 * that says which rule decided, so that none is ever made. programs.h is written beside this file.
 */
#include "kit.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct call {
	int indirect; /* by way of syscall(2), where the arch has it */
	long number;
	unsigned long args[6];
};

struct program {
	const struct sock_filter *code;
	unsigned short length;
	const struct call *calls;
	unsigned count;
};

#define MOST_CALLS 32
#include "programs.h"

static void make_calls(const struct program *p, int *results)
{
	struct sock_fprog program = { p->length, (struct sock_filter *)(uintptr_t)p->code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program))
		_exit(100);
	for (unsigned i = 0; i < p->count; i++) {
		const struct call *c = &p->calls[i];
		const unsigned long *a = c->args;
		long result;

#ifdef __mips__
		if (c->indirect)
			result = syscall(SYS_syscall, c->number, a[0], a[1], a[2], a[3], a[4]);
		else
#endif
			result = syscall(c->number, a[0], a[1], a[2], a[3], a[4], a[5]);
		results[i] = result < 0 ? errno : 0;
	}
	_exit(0);
}

static void report(unsigned n, const struct program *p, const int *results, int status)
{
	char list[MOST_CALLS * 6 + 1] = "";
	struct jsonl j;

	for (unsigned i = 0, at = 0; i < p->count; i++)
		at += (unsigned)snprintf(list + at, sizeof(list) - at, "%s%d", i ? " " : "",
					 results[i] % 100000);
	kit_event(&j, n, "returned");
	jsonl_int(&j, "signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	jsonl_int(&j, "status", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	jsonl_str(&j, "results", list, strlen(list));
	kit_send(&j);
}

int main(int argc, char **argv)
{
	static const char *const shapes[] = { "only", NULL };
	struct kit kit;
	int *results;

	kit_begin(&kit, argc, argv, shapes);
	results = kit_shared(MOST_CALLS * sizeof(*results));
	for (unsigned i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		pid_t pid;
		int status;

		for (unsigned j = 0; j < MOST_CALLS; j++)
			results[j] = -1;
		pid = kit_fork(&kit);
		if (pid == 0)
			make_calls(&programs[i], results);
		if (waitpid(pid, &status, 0) != pid)
			return 1;
		report(i, &programs[i], results, status);
	}
	return 0;
}
