/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PF_COMPAT_SIGNAL_H
#define PF_COMPAT_SIGNAL_H

#include <linux/signal.h>
#include <linux/version.h>

/* ae7795bc6187, first in 4.20, gave the kernel's siginfo a name of its own. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(4, 20, 0)
#define pf_siginfo kernel_siginfo
#else
#define pf_siginfo siginfo
#endif

#endif
