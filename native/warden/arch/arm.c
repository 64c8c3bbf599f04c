// SPDX-License-Identifier: Apache-2.0
#include "arch.h"
#include "user.h"

#include <linux/audit.h>
#include <stddef.h>
#include <sys/syscall.h>

#if !defined(__arm__) || !defined(__ARM_EABI__) || !defined(__ARMEL__)
#error "this file is for 32-bit arm, EABI, little-endian"
#endif

#define REG(n)	  ((n) * (long)sizeof(long)) /* r0, r1, … */
#define REGISTERS 18			     /* asm/ptrace.h: struct pt_regs */

enum { REG_NUMBER = 7 };

static int call_read(pid_t tid, int *number, uint64_t args[6])
{
	unsigned long r[REGISTERS];
	int err = user_registers(tid, r, sizeof(r));

	if (err)
		return err;
	*number = (int)r[REG_NUMBER];
	for (unsigned i = 0; i < 6; i++)
		args[i] = r[i];
	return 0;
}

/* The number is not a register here (arch/arm/kernel/ptrace.c, PTRACE_SET_SYSCALL). */
static int call_skip(pid_t tid, int error)
{
	if (ptrace(PTRACE_SET_SYSCALL, tid, NULL, (void *)-1L) < 0)
		return -errno;
	return user_poke(tid, REG(0), (unsigned long)-error);
}

static int call_result(pid_t tid, long *result)
{
	return user_peek(tid, REG(0), (unsigned long *)result);
}

/* OABI calls cannot be made where this runs: OABI_COMPAT excludes seccomp filters
 * (arch/arm/Kconfig). */
const struct arch_ops arch = {
	.name = "arm",
	.audit = AUDIT_ARCH_ARM,
	.alien_bit = 0,
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
