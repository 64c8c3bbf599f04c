// SPDX-License-Identifier: Apache-2.0
#include "arch.h"

#include <linux/audit.h>
#include <sys/syscall.h>

#if !defined(__x86_64__) || defined(__ILP32__)
#error "this file is for x86_64, LP64"
#endif

#define X32_SYSCALL_BIT 0x40000000u /* asm/unistd.h: __X32_SYSCALL_BIT */

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
};
