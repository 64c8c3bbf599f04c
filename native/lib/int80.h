/* SPDX-License-Identifier: Apache-2.0 */
/* The gate of i386, which x86_64 code may use as well: other numbers, other registers, 32 bits of each argument. */
#ifndef PF_LIB_INT80_H
#define PF_LIB_INT80_H

#include <errno.h>

/*
 * What the call returns: a value or -errno; -ENOSYS on arches that have no such gate. What the arguments' registers hold
 * afterwards is left in them.
 */
static inline long int80_six(long number, unsigned long a[6])
{
#ifdef __x86_64__
	/* The sixth is in the frame pointer, which no constraint names; and what is below the stack pointer is in use. */
	register unsigned long sixth __asm__("r12") = a[5];

	__asm__ volatile("xchg %%rbp, %[sixth]\n\t"
			 "int $0x80\n\t"
			 "xchg %%rbp, %[sixth]"
			 : "+a"(number), "+b"(a[0]), "+c"(a[1]), "+d"(a[2]), "+S"(a[3]),
			   "+D"(a[4]), [sixth] "+r"(sixth)
			 :
			 : "memory", "r8", "r9", "r10", "r11");
	a[5] = sixth;
	return number;
#else
	(void)number, (void)a;
	return -ENOSYS;
#endif
}

static inline long int80(long number, long a, long b, long c)
{
	unsigned long arguments[6] = { (unsigned long)a, (unsigned long)b, (unsigned long)c };

	return int80_six(number, arguments);
}

#endif
