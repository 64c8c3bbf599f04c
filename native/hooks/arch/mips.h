/* SPDX-License-Identifier: GPL-2.0 */
/*
 * o32 of a 32-bit kernel. Arguments from the fifth on come from the caller's stack; the kernel copies
 * them to its own before anybody is told of the call (scall32-o32.S), and that copy is what is used.
 */
#ifndef PF_ARCH_MIPS_H
#define PF_ARCH_MIPS_H

#ifndef CONFIG_32BIT
#error "only o32 of 32-bit kernels is known"
#endif

#ifdef __MIPSEB__
#define PF_NATIVE_ABI AUDIT_ARCH_MIPS
#else
#define PF_NATIVE_ABI AUDIT_ARCH_MIPSEL
#endif
#define PF_ARCH_CAN_SKIP 1

static inline bool pf_is_setns(u32 abi, s32 number)
{
	return number == 4344; /* __NR_O32_Linux + 344 */
}

static inline bool pf_is_ioctl(u32 abi, s32 number)
{
	return number == 4054; /* __NR_O32_Linux + 54 */
}

#define PF_V0 2
#define PF_A0 4
#define PF_A3 7
#define PF_K0 26

/* syscall(2): the number is the first argument, all others are one further on. */
static inline bool pf_is_indirect(const struct pt_regs *regs)
{
	return regs->regs[PF_V0] == 4000; /* __NR_O32_Linux + 0 */
}

/* The kernel goes on with v0, which a tracer may have changed; old ones noted the number before that. */
static inline s32 pf_number(struct pt_regs *regs)
{
	return pf_is_indirect(regs) ? regs->regs[PF_A0] : regs->regs[PF_V0];
}

static inline bool pf_end_is_untold(s32 number)
{
	return false;
}

static inline bool pf_end_hides_number(s32 number)
{
	return false;
}

/* The result has taken the place of v0; of a call that failed, $0 has it, so that it can be made again. */
static inline s32 pf_number_at_end(struct pt_regs *regs)
{
	if (PF_NUMBER_IS_NOTED)
		return syscall_get_nr(current, regs);
	if (!regs->regs[0])
		return -1;
	return regs->regs[0] == 4000 ? regs->regs[PF_A0] : regs->regs[0];
}

/* Of a call that did not fail the kernel forgets $0, without a look. */
static inline void pf_keep_number(struct pt_regs *child, struct pt_regs *regs)
{
	if (!PF_NUMBER_IS_NOTED)
		child->regs[0] = pf_number(regs);
}

static inline void pf_forget_number(struct task_struct *child)
{
	task_thread_info(child)->syscall = -1;
}

/* The words at the beginning of pt_regs, whose name is another from ed975485a13d on, first in 6.14. */
static inline unsigned long *pf_stack_words(struct pt_regs *regs)
{
	BUILD_BUG_ON(offsetof(struct pt_regs, regs) != 8 * sizeof(unsigned long));
	return (unsigned long *)regs;
}

static inline unsigned long *pf_slot(struct pt_regs *regs, unsigned int i)
{
	if (i < 4)
		return &regs->regs[PF_A0 + i];
	return i < 8 ? pf_stack_words(regs) + i : NULL;
}

static inline unsigned long *pf_place(struct pt_regs *regs, u32 abi, unsigned int i)
{
	return pf_slot(regs, pf_is_indirect(regs) ? i + 1 : i);
}

static inline void pf_read_places(struct pt_regs *regs, u32 abi, unsigned long *raw)
{
	bool indirect = pf_is_indirect(regs);

	memcpy(raw, &regs->regs[PF_A0], 4 * sizeof(*raw));
	memcpy(raw + 4, pf_stack_words(regs) + 4, 4 * sizeof(*raw));
	if (indirect) {
		memmove(raw, raw + 1, 7 * sizeof(*raw));
		raw[7] = 0;
	}
}

/*
 * Old kernels' sys_syscall moves the arguments to where those of a direct call are, as one is made in its stead
 * when it has to be made again; of that, a3 comes from k0, and the others from the caller's stack. Where the
 * number still is, and the first two behind it, nothing was moved: one of the three may be what the next one is.
 */
static inline bool pf_has_moved(const struct pt_regs *regs, s32 number, const unsigned long *raw)
{
	const unsigned long *a = &regs->regs[PF_A0];

	return (s32)a[0] != number || a[1] != raw[0] || a[2] != raw[1];
}

static inline unsigned long *pf_place_at_end(struct pt_regs *regs, unsigned long *at,
					     unsigned int i, bool moved)
{
	if (moved && at != pf_slot(regs, i)) /* else it was made directly */
		at = i < 3 ? pf_slot(regs, i) : i == 3 ? &regs->regs[PF_K0] : NULL;
	return at == &regs->regs[PF_A3] ? NULL : at;
}

static inline bool pf_abi_is_32(u32 abi)
{
	return true;
}

static inline s64 pf_result(const struct pt_regs *regs, u32 abi)
{
	return regs->regs[PF_A3] ? -(s64)(s32)regs->regs[PF_V0] : (s32)regs->regs[PF_V0];
}

static inline void pf_set_result(struct pt_regs *regs, s64 value)
{
	bool fails = value < 0 && value >= -MAX_ERRNO;

	regs->regs[PF_V0] = fails ? -value : value;
	regs->regs[PF_A3] = fails;
	/* Else a value from 512 to 516 has the call made again: where it failed, $0 still says so. */
	if (!fails)
		regs->regs[0] = 0;
}

/*
 * Old kernels go on with v0, newer ones with what they remember as the number. Both then say ENOSYS;
 * the error that is meant is put there at the call's end.
 */
static inline void pf_skip(struct pt_regs *regs, int error)
{
	regs->regs[PF_V0] = -1;
	current_thread_info()->syscall = -1;
}

static inline unsigned long pf_kernel_argument(const struct pt_regs *regs, unsigned int i)
{
	return regs->regs[PF_A0 + i];
}

#endif
