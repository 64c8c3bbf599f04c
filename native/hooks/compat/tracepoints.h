/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What some tracepoints call their probes with. A kernel that checks the types of indirect calls (kCFI) goes by
 * all of it, used or not.
 */
#ifndef PF_COMPAT_TRACEPOINTS_H
#define PF_COMPAT_TRACEPOINTS_H

#include <linux/types.h>
#include <linux/version.h>

/* 3e816361e94a, first in 6.16: sched_process_exit says whether it is the last of its process. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
#define PF_EXIT_ARGUMENTS void *data, struct task_struct *task, bool group_dead
#else
#define PF_EXIT_ARGUMENTS void *data, struct task_struct *task
#endif

/* edd3cb05c00a, first in 6.18: task_newtask has flags of 64 bits everywhere. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
#define PF_BORN_ARGUMENTS void *data, struct task_struct *task, u64 flags
#else
#define PF_BORN_ARGUMENTS void *data, struct task_struct *task, unsigned long flags
#endif

#endif
