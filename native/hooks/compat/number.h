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

#endif
