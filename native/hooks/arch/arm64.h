/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PF_ARCH_ARM64_H
#define PF_ARCH_ARM64_H

#define PF_NATIVE_ABI AUDIT_ARCH_AARCH64
/* syscall_trace_enter() goes on with what syscallno is after the tracepoint. */
#define PF_ARCH_CAN_SKIP 1

static inline bool pf_is_setns(u32 abi, s32 number)
{
	return number == (abi == AUDIT_ARCH_ARM ? 375 : __NR_setns);
}

static inline bool pf_is_ioctl(u32 abi, s32 number)
{
	return number == (abi == AUDIT_ARCH_ARM ? 54 : __NR_ioctl);
}

static inline s32 pf_number(struct pt_regs *regs)
{
	return syscall_get_nr(current, regs);
}

static inline bool pf_end_is_untold(s32 number)
{
	return false;
}

static inline bool pf_end_hides_number(s32 number)
{
	return false;
}

static inline s32 pf_number_at_end(struct pt_regs *regs)
{
	return pf_number(regs);
}

static inline void pf_keep_number(struct pt_regs *child, struct pt_regs *regs)
{
}

static inline void pf_forget_number(struct task_struct *child)
{
}

static inline unsigned long *pf_place(struct pt_regs *regs, u32 abi, unsigned int i)
{
	return i < (abi == AUDIT_ARCH_ARM ? 7 : 6) ? (unsigned long *)&regs->regs[i] : NULL;
}

static inline void pf_read_places(struct pt_regs *regs, u32 abi, unsigned long *raw)
{
	memcpy(raw, regs->regs, 7 * sizeof(*raw));
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
	return abi == AUDIT_ARCH_ARM;
}

static inline s64 pf_result(const struct pt_regs *regs, u32 abi)
{
	return pf_abi_is_32(abi) ? (s32)regs->regs[0] : (s64)regs->regs[0];
}

static inline void pf_set_result(struct pt_regs *regs, s64 value)
{
	regs->regs[0] = value;
}

static inline void pf_skip(struct pt_regs *regs, int error)
{
	regs->syscallno = -1;
	regs->regs[0] = -error;
}

static inline unsigned long pf_kernel_argument(const struct pt_regs *regs, unsigned int i)
{
	return regs->regs[i];
}

#endif
