/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PF_COMPAT_KPROBES_H
#define PF_COMPAT_KPROBES_H

#include <linux/kprobes.h>
#include <linux/version.h>

/*
 * Every handler ends with this, and a kprobe that cannot is not used.
 *
 * On mips do_bp() lets interrupts in while a probe is handled and while its instruction is being
 * stepped over. From 5.9 on (9b38cc704e84: kprobe_busy_begin) an RCU callback among them may make the
 * kernel forget that a probe is running; the step's end then is a break in kernel code like any other,
 * and the kernel dies. So there nothing is stepped over: the handler itself does what the first
 * instruction would, and says so, which is safe whatever was forgotten.
 */
#if defined(CONFIG_MIPS) && defined(CONFIG_KPROBES) && LINUX_VERSION_CODE >= KERNEL_VERSION(5, 9, 0)
#define PF_LUI	 0x0f
#define PF_ADDIU 0x09

/* lui rt, imm and addiu rt, rs, imm: what functions begin with that load an address or make a frame. */
static inline bool pf_kprobe_is_safe(const struct kprobe *kprobe)
{
	u32 word = kprobe->opcode.word;

	return word >> 26 == PF_ADDIU || word >> 21 == PF_LUI << 5;
}

static inline int pf_kprobe_done(const struct kprobe *kprobe, struct pt_regs *regs)
{
	u32 word = kprobe->opcode.word, rs = word >> 21 & 31, rt = word >> 16 & 31;
	s32 immediate = (s16)word;

	if (rt) /* $0 stays 0 */
		regs->regs[rt] =
			word >> 26 == PF_LUI ? (u32)immediate << 16 : regs->regs[rs] + immediate;
	regs->cp0_epc += sizeof(kprobe->opcode);
	return 1;
}
#else
static inline bool pf_kprobe_is_safe(const struct kprobe *kprobe)
{
	return true;
}

static inline int pf_kprobe_done(const struct kprobe *kprobe, struct pt_regs *regs)
{
	return 0;
}
#endif

#endif
