// SPDX-License-Identifier: Apache-2.0
#include "arch.h"
#include "user.h"

#include <linux/audit.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/user.h>

#if !defined(__x86_64__) || defined(__ILP32__)
#error "this file is for x86_64, LP64"
#endif

#define X32_SYSCALL_BIT 0x40000000u /* asm/unistd.h: __X32_SYSCALL_BIT */

#define REG(name) ((long)offsetof(struct user_regs_struct, name))

static int call_read(pid_t tid, int *number, uint64_t args[6])
{
	struct user_regs_struct r;
	int err = user_registers(tid, &r, sizeof(r));

	if (err)
		return err;
	*number = (int)r.orig_rax; /* the filter sees no more of it either */
	memcpy(args, (uint64_t[]){ r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9 }, 6 * sizeof(*args));
	return 0;
}

static int call_skip(pid_t tid, int error)
{
	int err = user_poke(tid, REG(orig_rax), (unsigned long)-1);

	return err ? err : user_poke(tid, REG(rax), (unsigned long)-error);
}

static int call_result(pid_t tid, long *result)
{
	return user_peek(tid, REG(rax), (unsigned long *)result);
}

const struct arch_ops arch = {
	.name = "x86_64",
	.audit = AUDIT_ARCH_X86_64,
	.alien_bit = X32_SYSCALL_BIT,
	.execve = SYS_execve,
	.execveat = SYS_execveat,
	.fork = SYS_fork,
	.vfork = SYS_vfork,
	.clone = SYS_clone,
	.clone3 = SYS_clone3,
	.clone_flags_arg = 0,
	.seccomp = SYS_seccomp,
	.call_read = call_read,
	.call_skip = call_skip,
	.call_result = call_result,
};
