/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PF_COMPAT_TASKS_H
#define PF_COMPAT_TASKS_H

#include <linux/sched.h>
#include <linux/version.h>

/* 3f07c0144132 and 68db0cf10678, first in 4.11, took these out of linux/sched.h. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(4, 11, 0)
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#endif

#endif
