// SPDX-License-Identifier: Apache-2.0
#include "traced.h"
#include "broken.h"

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__aarch64__)
static long number_of(pid_t pid)
{
	int number = 0;
	struct iovec iov = { &number, sizeof(number) };

	if (ptrace(PTRACE_GETREGSET, pid, (void *)NT_ARM_SYSTEM_CALL, &iov))
		kit_broken("number");
	return number;
}

void traced_set_number(pid_t pid, long to)
{
	int number = (int)to;
	struct iovec iov = { &number, sizeof(number) };

	if (ptrace(PTRACE_SETREGSET, pid, (void *)NT_ARM_SYSTEM_CALL, &iov))
		kit_broken("number");
}
#else
#if defined(__x86_64__)
#define REGISTER (15 * (long)sizeof(long)) /* orig_rax */
#elif defined(__arm__)
#define REGISTER (7 * (long)sizeof(long)) /* r7, where it is asked for */
#else
#define REGISTER 2L /* v0 */
#endif

static long number_of(pid_t pid)
{
	long number;

	errno = 0;
	number = ptrace(PTRACE_PEEKUSER, pid, (void *)REGISTER, NULL);
	if (errno)
		kit_broken("number");
	return number;
}

void traced_set_number(pid_t pid, long to)
{
#ifdef __arm__
	if (ptrace(PTRACE_SET_SYSCALL, pid, NULL, (void *)to))
#else
	if (ptrace(PTRACE_POKEUSER, pid, (void *)REGISTER, (void *)to))
#endif
		kit_broken("number");
}
#endif

static int wait_for(pid_t pid, bool stops)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || !!WIFSTOPPED(status) != stops)
		kit_broken("tracee");
	return status;
}

static int go_on(pid_t pid, int how, bool stops)
{
	if (ptrace(how, pid, NULL, NULL))
		kit_broken("tracee");
	return wait_for(pid, stops);
}

pid_t traced_start(struct kit *kit, long number, int (*work)(void *context), void *context)
{
	pid_t pid = kit_fork(kit);

	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) || raise(SIGSTOP))
			kit_broken("traceme");
		_exit(work(context));
	}
	wait_for(pid, true);
	do
		go_on(pid, PTRACE_SYSCALL, true);
	while (number_of(pid) != number);
	return pid;
}

int traced_end(pid_t pid)
{
	int status = go_on(pid, PTRACE_CONT, false);

	if (!WIFEXITED(status))
		kit_broken("tracee");
	return WEXITSTATUS(status);
}
