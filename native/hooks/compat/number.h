/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PF_COMPAT_NUMBER_H
#define PF_COMPAT_NUMBER_H

#include <linux/version.h>

/* Whether the kernel notes the number of every call; if not, only of those that are traced from the beginning. */
#if defined(CONFIG_ARM)
/* 4e57a4ddf6b0, first in 5.15 */
#define PF_NUMBER_IS_NOTED (LINUX_VERSION_CODE >= KERNEL_VERSION(5, 15, 0))
#elif defined(CONFIG_MIPS)
/* 4370b673ccf2, first in 6.9, is in stable updates as well: its assembly has to know where the note is. */
#include <asm/asm-offsets.h>
#ifdef TI_SYSCALL
#define PF_NUMBER_IS_NOTED 1
#else
#define PF_NUMBER_IS_NOTED 0
#endif
#endif

/* Whether native calls of x86 go by all of their register; the entry code that 5.9 brought takes an int. */
#define PF_NUMBER_IS_OF_64_BITS (LINUX_VERSION_CODE < KERNEL_VERSION(5, 9, 0))

/*
 * Whether the kernel goes on with what a probe before the call has made of the number. The entry code that x86
 * shares with others did not from b6ec41346103, in 5.9, to fb13b11d5387, first in 6.9 and in these updates.
 */
#if !defined(CONFIG_X86) || LINUX_VERSION_CODE < KERNEL_VERSION(5, 9, 0) ||                        \
	LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
#define PF_NUMBER_IS_READ_AGAIN 1
#else
#define PF_UPDATED(major, minor, update)                                                           \
	(LINUX_VERSION_CODE >= KERNEL_VERSION(major, minor, update) &&                             \
	 LINUX_VERSION_CODE < KERNEL_VERSION(major, minor + 1, 0))
#define PF_NUMBER_IS_READ_AGAIN                                                                    \
	(PF_UPDATED(5, 15, 154) || PF_UPDATED(6, 1, 84) || PF_UPDATED(6, 6, 24) ||                 \
	 PF_UPDATED(6, 7, 12) || PF_UPDATED(6, 8, 3))
#endif

#endif
