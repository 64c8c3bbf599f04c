// SPDX-License-Identifier: Apache-2.0
#include "ways.h"
#include "broken.h"
#include "int80.h"

#include <errno.h>
#include <linux/audit.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define X32_BIT 0x40000000

static bool begins_with(const char *text, const char *beginning)
{
	return !strncmp(text, beginning, strlen(beginning));
}

enum way way_of(const struct kit *kit)
{
	if (begins_with(kit->shape, "int80"))
		return WAY_INT80;
	if (begins_with(kit->shape, "x32"))
		return WAY_X32;
	return begins_with(kit->shape, "indirect") ? WAY_INDIRECT : WAY_DIRECT;
}

int way_number(enum way way, int number, int i386)
{
	if (way == WAY_INT80)
		return i386;
	return way == WAY_X32 ? X32_BIT + number : number;
}

uint32_t way_abi(enum way way, const struct session *s)
{
	return way == WAY_INT80 ? AUDIT_ARCH_I386 : s->hooks.info.abi;
}

uint64_t way_argument(enum way way, unsigned long value)
{
	return way == WAY_INT80 ? (uint32_t)value : value;
}

/* syscall(2) of the C library has not got a seventh argument everywhere. */
static long indirectly(long number, const unsigned long a[6])
{
#ifdef __mips__
	register long v0 __asm__("$2") = SYS_syscall;
	register unsigned long a0 __asm__("$4") = (unsigned long)number;
	register unsigned long a1 __asm__("$5") = a[0];
	register unsigned long a2 __asm__("$6") = a[1];
	register unsigned long a3 __asm__("$7") = a[2];

	/* Old kernels leave the first four where those of a direct call are. */
	__asm__ volatile("subu $29, $29, 32\n\t"
			 "lw $8, 12(%[a])\n\t"
			 "sw $8, 16($29)\n\t"
			 "lw $8, 16(%[a])\n\t"
			 "sw $8, 20($29)\n\t"
			 "lw $8, 20(%[a])\n\t"
			 "sw $8, 24($29)\n\t"
			 "syscall\n\t"
			 "addu $29, $29, 32"
			 : "+r"(v0), "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a3)
			 : [a] "r"(a)
			 : "$1", "$3", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15", "$24",
			   "$25", "hi", "lo", "memory");
	return a3 ? -v0 : v0;
#else
	(void)number, (void)a;
	return -ENOSYS;
#endif
}

long way_call(enum way way, int number, unsigned long a[6])
{
	long result;

	switch (way) {
	case WAY_INT80:
		return int80_six(number, a);
	case WAY_INDIRECT:
		return indirectly(number, a);
	default:
		result = syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
		return result == -1 ? -errno : result;
	}
}
