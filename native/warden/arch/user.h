/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stopped task's registers, one by one, each at its offset in the arch's `struct user`, or all of
 * those that are general.
 */
#ifndef PF_ARCH_USER_H
#define PF_ARCH_USER_H

#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

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

/* All of them, of which the caller knows the layout. */
static inline int user_registers(pid_t tid, void *out, size_t size)
{
	struct iovec iov = { out, size };

	if (ptrace(PTRACE_GETREGSET, tid, (void *)NT_PRSTATUS, &iov) < 0)
		return -errno;
	return iov.iov_len == size ? 0 : -EIO;
}

#endif
