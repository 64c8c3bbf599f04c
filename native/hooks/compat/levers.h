/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PF_COMPAT_LEVERS_H
#define PF_COMPAT_LEVERS_H

#include <linux/rcupdate.h>
#include <linux/task_work.h>
#include <linux/tracepoint.h>
#include <linux/version.h>

/* a363d27cdbc2, first in 6.13, lets the probes of system calls sleep. */
#define PF_CALLS_MAY_SLEEP (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0))

/* Until every probe that ran is over, those of kprobes too, which have preemption off. Context: may sleep. */
static inline void pf_wait_for_probes(void)
{
	tracepoint_synchronize_unregister();
	/* From a46023d5616e on, first in 7.0, that is about tracepoints alone, as theirs may be preempted. */
	if (LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0))
		synchronize_rcu();
}

/* Until whoever runs a function that nobody calls any more has left it. Context: may sleep. */
static inline void pf_wait_for_leavers(void)
{
	pf_wait_for_probes();
#ifdef CONFIG_TASKS_RCU
	/* Where tasks may be preempted in the kernel, only that has everybody leave. */
	synchronize_rcu_tasks();
#endif
}

#endif
