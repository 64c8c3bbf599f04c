// SPDX-License-Identifier: Apache-2.0
#include "arch.h"

#include <linux/audit.h>
#include <sys/syscall.h>

#if !defined(__aarch64__) || defined(__ILP32__)
#error "this file is for arm64, LP64"
#endif

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
};
