/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PF_COMPAT_SIGNAL_H
#define PF_COMPAT_SIGNAL_H

#include <linux/sched.h>
#include <linux/signal.h>
#include <linux/version.h>

#include "tasks.h"

/* ae7795bc6187, first in 4.20, gave the kernel's siginfo a name of its own. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(4, 20, 0)
#define pf_siginfo kernel_siginfo
/* 4ff4c31a6e85, also in 4.20, dropped SEND_SIG_FORCED, which was 2. */
#define PF_SIGINFO_LAST 1
#else
#define pf_siginfo	siginfo
#define PF_SIGINFO_LAST 2
#endif

#endif
