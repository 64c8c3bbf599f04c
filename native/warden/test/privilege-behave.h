/* SPDX-License-Identifier: Apache-2.0 */
/* What the privilege test's own program does under the warden: it looks for more than its own. */
#ifndef PF_PRIVILEGE_BEHAVE_H
#define PF_PRIVILEGE_BEHAVE_H

#include "proc.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

/* The sets of this process that hold CAP_SYS_PTRACE, by their names in /proc. */
static void say_sets(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	unsigned long long set;
	char line[256], name[8];

	if (!status)
		_exit(97);
	printf("sets:");
	while (fgets(line, sizeof(line), status))
		if (sscanf(line, "Cap%7[A-Za-z]: %llx", name, &set) == 2 &&
		    set >> CAP_SYS_PTRACE & 1)
			printf(" %s", name);
	printf(" end\n");
	fclose(status);
}

static int try_to_trace(pid_t pid)
{
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0)
		return errno;
	ptrace(PTRACE_DETACH, pid, NULL, NULL); /* it was never stopped: its end is ours, then */
	return 0;
}

struct reach {
	int others, traced;
};

static int try_sibling(void *context, pid_t pid)
{
	struct reach *reach = context;
	struct proc_stat stat;

	if (pid == getpid() || proc_stat(pid, &stat) || stat.ppid != getppid())
		return 0;
	reach->others++;
	reach->traced += try_to_trace(pid) == 0;
	return 0;
}

/* The warden is this process's parent, the keeper another child of its. */
static void say_reach(void)
{
	struct reach reach = { 0 };

	printf("warden %d\n", try_to_trace(getppid()));
	if (proc_each("/proc", try_sibling, &reach))
		_exit(97);
	printf("keepers %d traced %d\n", reach.others, reach.traced);
}

/* Forks and execs of a process that is not dumpable. */
static void be_closed(void)
{
	char *const argv[] = { "echo", "GOOD", NULL };
	pid_t pid;

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		_exit(97);
	pid = fork();
	if (pid == 0) {
		execv("/bin/echo", argv);
		printf("exec %d\n", errno);
		exit(0);
	}
	if (pid < 0)
		printf("fork %d\n", errno);
	else
		waitpid(pid, NULL, 0);
}

static _Noreturn void behave(const char *what)
{
	if (!strcmp(what, "sets"))
		say_sets();
	if (!strcmp(what, "reach"))
		say_reach();
	if (!strcmp(what, "closed"))
		be_closed();
	exit(0);
}

#endif
