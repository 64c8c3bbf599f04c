// SPDX-License-Identifier: Apache-2.0
#include "raw-call.h"

long raw_call(long number, long a, long b, long *c)
{
#if defined(__x86_64__)
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result), "+d"(*c)
			 : "0"(number), "D"(a), "S"(b)
			 : "rcx", "r11", "memory");
	return result;
#elif defined(__arm__)
	register long r7 __asm__("r7") = number;
	register long r0 __asm__("r0") = a;
	register long r1 __asm__("r1") = b;
	register long r2 __asm__("r2") = *c;

	__asm__ volatile("svc 0" : "+r"(r0), "+r"(r2) : "r"(r7), "r"(r1) : "memory");
	*c = r2;
	return r0;
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = *c;

	__asm__ volatile("svc 0" : "+r"(x0), "+r"(x2) : "r"(x8), "r"(x1) : "memory");
	*c = x2;
	return x0;
#elif defined(__mips__)
	register long v0 __asm__("$2") = number;
	register long a0 __asm__("$4") = a;
	register long a1 __asm__("$5") = b;
	register long a2 __asm__("$6") = *c;
	register long a3 __asm__("$7") = 0;

	__asm__ volatile("syscall"
			 : "+r"(v0), "+r"(a2), "+r"(a3)
			 : "r"(a0), "r"(a1)
			 : "$1", "$3", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15", "$24",
			   "$25", "hi", "lo", "memory");
	*c = a2;
	return a3 ? -v0 : v0;
#else
#error "which registers has a call here?"
#endif
}
