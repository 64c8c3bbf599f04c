/* SPDX-License-Identifier: Apache-2.0 */
/* A stopped task's registers, one by one, each at its offset in the arch's `struct user`. */
#ifndef PF_ARCH_USER_H
#define PF_ARCH_USER_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/types.h>

static inline int user_peek(pid_t tid, long offset, unsigned long *out)
{
	errno = 0;
	*out = (unsigned long)ptrace(PTRACE_PEEKUSER, tid, (void *)offset, NULL);
	return -errno;
}

static inline int user_poke(pid_t tid, long offset, unsigned long value)
{
	return ptrace(PTRACE_POKEUSER, tid, (void *)offset, (void *)value) < 0 ? -errno : 0;
}

/* Registers that hold arguments, in their order. */
static inline int user_peek_args(pid_t tid, const long *offsets, unsigned count, uint64_t *out)
{
	for (unsigned i = 0; i < count; i++) {
		unsigned long value;
		int err = user_peek(tid, offsets[i], &value);

		if (err)
			return err;
		out[i] = value;
	}
	return 0;
}

#endif
