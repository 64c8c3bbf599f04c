/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between architectures; each arch/<name>.c defines `arch`, nobody else asks. */
#ifndef PF_ARCH_H
#define PF_ARCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define ARCH_ABSENT (-1)

#define KERNEL_ERESTARTSYS 512 /* include/linux/errno.h, not meant for user space */

struct arch_ops {
	const char *name;
	uint32_t audit;	    /* AUDIT_ARCH_… of the one ABI that is served */
	uint32_t alien_bit; /* a number with this bit belongs to another table (x32); 0: there is
			       none */
	int execve, execveat;
	int fork, vfork, clone, clone3; /* ARCH_ABSENT where the arch lacks it */
	unsigned clone_flags_arg;
	int seccomp;
	/* Of a task in PTRACE_EVENT_SECCOMP, as its filter has seen it. 0 or -errno. */
	int (*call_read)(pid_t tid, int *number, uint64_t args[6]);
	/* Of a task stopped at the end of a call: its result, or -errno in *result. 0 or -errno. */
	int (*call_result)(pid_t tid, long *result);
	/*
	 * Where the fifth argument and later ones lie on the user's stack, of which the kernel has
	 * taken a copy before anybody is asked. `keep` holds what call_restart needs, read before
	 * call_skip; call_restart, at the end of the skipped call, has the task make it once more.
	 * NULL where arguments are registers.
	 */
	int (*call_keep)(pid_t tid, unsigned long keep[2]);
	int (*call_restart)(pid_t tid, const unsigned long keep[2]);
	/* As call_read's: the call will not be made, and fails with this errno. 0 or -errno. */
	int (*call_skip)(pid_t tid, int error);
	/*
	 * Where call_skip cannot set the errno: the task is let go with PTRACE_SYSCALL, and this is
	 * called at the end of the call. NULL where it is not needed.
	 */
	int (*call_finish)(pid_t tid, int error);
	/*
	 * Called on a task that was found stopped outside a ptrace event: repairs a system call
	 * that an interrupted notification left with a kernel-internal errno. NULL where the kernel
	 * does it.
	 */
	int (*mend_restart)(pid_t tid);
};

extern const struct arch_ops arch;

#endif
