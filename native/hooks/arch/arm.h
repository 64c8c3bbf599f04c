/* SPDX-License-Identifier: GPL-2.0 */
/* EABI. What a probe does to the number is not looked at (arch/arm/kernel/ptrace.c): no call is skipped. */
#ifndef PF_ARCH_ARM_H
#define PF_ARCH_ARM_H

#ifdef CONFIG_OABI_COMPAT
#error "OABI callers cannot be told from others: CONFIG_OABI_COMPAT has to be off"
#endif

#define PF_NATIVE_ABI	 AUDIT_ARCH_ARM
#define PF_ARCH_CAN_SKIP 0

static inline bool pf_is_setns(u32 abi, s32 number)
{
	return number == __NR_setns;
}

static inline bool pf_is_ioctl(u32 abi, s32 number)
{
	return number == __NR_ioctl;
}

static inline s32 pf_number(struct pt_regs *regs)
{
	return syscall_get_nr(current, regs);
}

/* In 4.10, of a call that is none: entry-common.S goes past whoever would tell. */
static inline bool pf_end_is_untold(s32 number)
{
	return number == -1;
}

/* Before 5.15 there are registers alone by then, after these calls those of what a signal met, or of a new image. */
static inline bool pf_end_hides_number(s32 number)
{
	return !PF_NUMBER_IS_NOTED && (number == __NR_sigreturn || number == __NR_rt_sigreturn ||
				       number == __NR_execve || number == __NR_execveat);
}

static inline s32 pf_number_at_end(struct pt_regs *regs)
{
	return PF_NUMBER_IS_NOTED ? pf_number(regs) : regs->ARM_r7;
}

static inline void pf_keep_number(struct pt_regs *child, struct pt_regs *regs)
{
}

static inline void pf_forget_number(struct task_struct *child)
{
}

/* Before the call r0 is still its first argument; the kernel takes all of them from here again. */
static inline unsigned long *pf_place(struct pt_regs *regs, u32 abi, unsigned int i)
{
	return i < 7 ? (unsigned long *)&regs->ARM_r0 + i : NULL;
}

static inline void pf_read_places(struct pt_regs *regs, u32 abi, unsigned long *raw)
{
	memcpy(raw, &regs->ARM_r0, 7 * sizeof(*raw));
	raw[7] = 0;
}

static inline bool pf_has_moved(const struct pt_regs *regs, s32 number, const unsigned long *raw)
{
	return false;
}

static inline unsigned long *pf_place_at_end(struct pt_regs *regs, unsigned long *at,
					     unsigned int i, bool moved)
{
	return i ? at : NULL;
}

static inline bool pf_abi_is_32(u32 abi)
{
	return true;
}

static inline s64 pf_result(const struct pt_regs *regs, u32 abi)
{
	return (s32)regs->ARM_r0;
}

static inline void pf_set_result(struct pt_regs *regs, s64 value)
{
	regs->ARM_r0 = value;
}

static inline void pf_skip(struct pt_regs *regs, int error)
{
}

static inline unsigned long pf_kernel_argument(const struct pt_regs *regs, unsigned int i)
{
	return i == 0 ? regs->ARM_r0 : i == 1 ? regs->ARM_r1 : regs->ARM_r2;
}

#endif
