/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where an arch keeps what a system call is made of; one header for each.
 *
 * pf_number()         before the call: its number, as the kernel goes by it.
 * pf_number_at_end()  at the end of a call whose beginning was not seen: the same; -1: nobody knows it any more.
 * pf_end_is_untold()  whether nobody is told of the end of a call of that number.
 * pf_end_hides_number() whether pf_number_at_end() would take the end of a call of that number for another call's, so that
 *                     its beginning has to be remembered.
 * pf_keep_number()    in the middle of a call that makes a task, of whose registers @child is a copy: so that the
 *                     number is known at the end which the new task has of the call.
 * pf_forget_number()  of a task that the kernel makes for itself, and that has not run: when an exec makes it a
 *                     program, it comes to user mode as from a call, and is known to have made none.
 * pf_place()          where argument register @i of a call of @abi is, before the call; NULL: there is
 *                     none. What is stored there is what the kernel uses.
 * pf_has_moved()      after the kernel has begun with call @number of arguments @raw: whether it moved them, if the
 *                     call was made by way of another.
 * pf_place_at_end()   where argument @i, which was at @at, is the caller's own again at the call's end, if they were
 *                     @moved; NULL: nowhere, as the result is there.
 * pf_abi_is_32()      whether registers of that ABI have 32 bits.
 * pf_read_places()    what is in all PF_PLACES of them, 0 where there is none.
 * pf_result()         at the call's end: its value or -errno. pf_set_result() sets it.
 * pf_skip()           before the call: it is not made. Its result is set once more at its end.
 * pf_is_setns()       whether that is the number of setns(2) in that ABI; pf_is_ioctl() of ioctl(2).
 * pf_kernel_argument() argument @i, up to 2, of a kernel function, at its first instruction.
 */
#ifndef PF_ARCH_H
#define PF_ARCH_H

#include <asm/syscall.h>
#include <asm/unistd.h>
#include <linux/err.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/types.h>
#include <uapi/linux/audit.h>

#include "../compat/number.h"
#include "../compat/syscall.h"
#include "../photofinish_uapi.h"

#if defined(CONFIG_X86)
#include "x86.h"
#elif defined(CONFIG_ARM)
#include "arm.h"
#elif defined(CONFIG_ARM64)
#include "arm64.h"
#elif defined(CONFIG_MIPS)
#include "mips.h"
#else
#error "no table for this arch: see arch/arch.h for what it has to have"
#endif

#endif
