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
#define PF_SPECIAL 0x00 /* then the last eleven bits say which */
#define PF_ADDIU   0x09
#define PF_LUI	   0x0f
#define PF_ADDU	   0x21
#define PF_OR	   0x25 /* with $0, move */

/* What functions begin with that make a frame, load an address or keep an argument: registers alone. */
static inline bool pf_kprobe_is_safe(const struct kprobe *kprobe)
{
	u32 word = kprobe->opcode.word, which = word & 0x7ff;

	return word >> 26 == PF_ADDIU || word >> 21 == PF_LUI << 5 ||
	       (word >> 26 == PF_SPECIAL && (which == PF_ADDU || which == PF_OR));
}

static inline unsigned long pf_kprobe_result(u32 word, const struct pt_regs *regs)
{
	unsigned long rs = regs->regs[word >> 21 & 31], rt = regs->regs[word >> 16 & 31];
	s32 immediate = (s16)word;

	switch (word >> 26) {
	case PF_ADDIU:
		return rs + immediate;
	case PF_LUI:
		return (u32)immediate << 16;
	default:
		return (word & 0x7ff) == PF_OR ? rs | rt : rs + rt;
	}
}

static inline int pf_kprobe_done(const struct kprobe *kprobe, struct pt_regs *regs)
{
	u32 word = kprobe->opcode.word;
	u32 to = word >> (word >> 26 == PF_SPECIAL ? 11 : 16) & 31;

	if (to) /* $0 stays 0 */
		regs->regs[to] = pf_kprobe_result(word, regs);
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
