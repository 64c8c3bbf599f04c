// SPDX-License-Identifier: Apache-2.0
#include "arch.h"

#include <elf.h>
#include <errno.h>
#include <linux/audit.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>

#if !defined(__aarch64__) || defined(__ILP32__)
#error "this file is for arm64, LP64"
#endif

static int get_set(pid_t tid, int request, int set, void *data, size_t size)
{
	struct iovec iov = { data, size };

	return ptrace(request, tid, (void *)(long)set, &iov) < 0 ? -errno : 0;
}

static int call_read(pid_t tid, int *number, uint64_t args[6])
{
	struct user_regs_struct regs;
	int err = get_set(tid, PTRACE_GETREGSET, NT_ARM_SYSTEM_CALL, number, sizeof(*number));

	if (!err)
		err = get_set(tid, PTRACE_GETREGSET, NT_PRSTATUS, &regs, sizeof(regs));
	for (int i = 0; !err && i < 6; i++)
		args[i] = regs.regs[i];
	return err;
}

static int call_skip(pid_t tid, int error)
{
	struct user_regs_struct regs;
	int none = -1;
	int err = get_set(tid, PTRACE_SETREGSET, NT_ARM_SYSTEM_CALL, &none, sizeof(none));

	if (!err)
		err = get_set(tid, PTRACE_GETREGSET, NT_PRSTATUS, &regs, sizeof(regs));
	if (err)
		return err;
	regs.regs[0] = (unsigned long long)0 - (unsigned long long)error;
	return get_set(tid, PTRACE_SETREGSET, NT_PRSTATUS, &regs, sizeof(regs));
}

static int call_result(pid_t tid, long *result)
{
	struct user_regs_struct regs;
	int err = get_set(tid, PTRACE_GETREGSET, NT_PRSTATUS, &regs, sizeof(regs));

	*result = err ? err : (long)regs.regs[0];
	return err;
}

const struct arch_ops arch = {
	.name = "arm64",
	.audit = AUDIT_ARCH_AARCH64,
	.alien_bit = 0,
	.execve = SYS_execve,
	.execveat = SYS_execveat,
	.fork = ARCH_ABSENT,
	.vfork = ARCH_ABSENT,
	.clone = SYS_clone,
	.clone3 = SYS_clone3,
	.clone_flags_arg = 0,
	.seccomp = SYS_seccomp,
	.call_read = call_read,
	.call_skip = call_skip,
	.call_result = call_result,
};
