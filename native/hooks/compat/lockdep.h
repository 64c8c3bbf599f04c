/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PF_COMPAT_LOCKDEP_H
#define PF_COMPAT_LOCKDEP_H

#include <linux/lockdep.h>
#include <linux/percpu.h>
#include <linux/version.h>

/*
 * Between these two lockdep looks at nothing that this CPU does. A kprobe's break on x86 is an NMI to it,
 * in which it complains of every lock that is taken elsewhere too. It would be right if the break could
 * come while its own task holds that lock; the caller says why it cannot. Context: preemption off.
 */
#if defined(CONFIG_PROVE_LOCKING) && LINUX_VERSION_CODE >= KERNEL_VERSION(5, 10, 0)
/* 4d004099a668, first in 5.10: what lockdep_off() sets is not looked at in an NMI any more. */
static inline void pf_lockdep_off(void)
{
	__this_cpu_inc(lockdep_recursion);
}

static inline void pf_lockdep_on(void)
{
	__this_cpu_dec(lockdep_recursion);
}
#else
static inline void pf_lockdep_off(void)
{
	lockdep_off();
}

static inline void pf_lockdep_on(void)
{
	lockdep_on();
}
#endif

#endif
