// SPDX-License-Identifier: Apache-2.0
#include "arch.h"

#include <linux/audit.h>
#include <sys/syscall.h>

#if !defined(__arm__) || !defined(__ARM_EABI__) || !defined(__ARMEL__)
#error "this file is for 32-bit arm, EABI, little-endian"
#endif

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
};
