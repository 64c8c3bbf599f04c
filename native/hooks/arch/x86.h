/* SPDX-License-Identifier: GPL-2.0 */
/* 64-bit x86: native calls and x32 have one set of registers, those of i386 (int 0x80 too) another. */
#ifndef PF_ARCH_X86_H
#define PF_ARCH_X86_H

#ifndef CONFIG_X86_64
#error "only 64-bit x86 is known"
#endif

#define PF_NATIVE_ABI AUDIT_ARCH_X86_64
/* By orig_ax, if syscall_trace_enter() looks at it once more after the tracepoint. */
#define PF_ARCH_CAN_SKIP PF_NUMBER_IS_READ_AGAIN

/* arch/x86/entry/syscalls: all three tables */
static inline bool pf_is_setns(u32 abi, s32 number)
{
	return number == (abi == AUDIT_ARCH_I386 ? 346 : 308) || number == 0x40000000 + 308;
}

static inline bool pf_is_ioctl(u32 abi, s32 number)
{
	return number == (abi == AUDIT_ARCH_I386 ? 54 : 16) || number == 0x40000000 + 514;
}

static inline s32 pf_number(struct pt_regs *regs)
{
	/* Not made, whatever its lower half says. */
	if (PF_NUMBER_IS_OF_64_BITS && pf_syscall_abi() == AUDIT_ARCH_X86_64 &&
	    (long)regs->orig_ax != (s32)regs->orig_ax)
		return -1;
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

/* From ada26481dfe6, first in 4.12, on the exec writes its own number there. */
static inline void pf_forget_number(struct task_struct *child)
{
	task_pt_regs(child)->orig_ax = -1;
}

static inline unsigned long *pf_place(struct pt_regs *regs, u32 abi, unsigned int i)
{
	bool is_32 = abi == AUDIT_ARCH_I386;

	switch (i) {
	case 0:
		return is_32 ? &regs->bx : &regs->di;
	case 1:
		return is_32 ? &regs->cx : &regs->si;
	case 2:
		return &regs->dx;
	case 3:
		return is_32 ? &regs->si : &regs->r10;
	case 4:
		return is_32 ? &regs->di : &regs->r8;
	case 5:
		return is_32 ? &regs->bp : &regs->r9;
	default:
		return NULL;
	}
}

static inline void pf_read_places(struct pt_regs *regs, u32 abi, unsigned long *raw)
{
	bool is_32 = abi == AUDIT_ARCH_I386;

	raw[0] = is_32 ? regs->bx : regs->di;
	raw[1] = is_32 ? regs->cx : regs->si;
	raw[2] = regs->dx;
	raw[3] = is_32 ? regs->si : regs->r10;
	raw[4] = is_32 ? regs->di : regs->r8;
	raw[5] = is_32 ? regs->bp : regs->r9;
	raw[6] = raw[7] = 0;
}

static inline bool pf_has_moved(const struct pt_regs *regs, s32 number, const unsigned long *raw)
{
	return false;
}

static inline unsigned long *pf_place_at_end(struct pt_regs *regs, unsigned long *at,
					     unsigned int i, bool moved)
{
	return at;
}

static inline bool pf_abi_is_32(u32 abi)
{
	return abi == AUDIT_ARCH_I386;
}

static inline s64 pf_result(const struct pt_regs *regs, u32 abi)
{
	return pf_abi_is_32(abi) ? (s32)regs->ax : (s64)regs->ax;
}

static inline void pf_set_result(struct pt_regs *regs, s64 value)
{
	regs->ax = value;
}

static inline void pf_skip(struct pt_regs *regs, int error)
{
	regs->orig_ax = -1;
	regs->ax = -error;
}

static inline unsigned long pf_kernel_argument(const struct pt_regs *regs, unsigned int i)
{
	return i == 0 ? regs->di : i == 1 ? regs->si : regs->dx;
}

#endif
