/* SPDX-License-Identifier: Apache-2.0 */
/* The gate of i386, which x86_64 code may use as well: other numbers, other registers, 32 bits of each argument. */
#ifndef PF_LIB_INT80_H
#define PF_LIB_INT80_H

#include <errno.h>

/* What the call returns: a value or -errno; -ENOSYS on arches that have no such gate. */
static inline long int80(long number, long a, long b, long c)
{
#ifdef __x86_64__
	__asm__ volatile("int $0x80"
			 : "+a"(number)
			 : "b"(a), "c"(b), "d"(c)
			 : "memory", "r8", "r9", "r10", "r11");
	return number;
#else
	(void)number, (void)a, (void)b, (void)c;
	return -ENOSYS;
#endif
}

#endif
