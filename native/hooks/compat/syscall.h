/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PF_COMPAT_SYSCALL_H
#define PF_COMPAT_SYSCALL_H

#include <asm/syscall.h>
#include <linux/sched.h>
#include <linux/version.h>

/* 16add411645c, first in 5.1, gave it the task. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 1, 0)
#define pf_syscall_abi() syscall_get_arch(current)
#else
#define pf_syscall_abi() syscall_get_arch()
#endif

/* 3136b93c3fb2, first in 5.11, moved the mark by which a task's calls are traced (generic entry). */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0) && defined(CONFIG_GENERIC_ENTRY)
static inline void pf_trace_calls_of(struct task_struct *task, bool yes)
{
	if (yes)
		set_task_syscall_work(task, SYSCALL_TRACEPOINT);
	else
		clear_task_syscall_work(task, SYSCALL_TRACEPOINT);
}

static inline bool pf_traces_calls_of(struct task_struct *task)
{
	return test_task_syscall_work(task, SYSCALL_TRACEPOINT);
}
#else
static inline void pf_trace_calls_of(struct task_struct *task, bool yes)
{
	if (yes)
		set_tsk_thread_flag(task, TIF_SYSCALL_TRACEPOINT);
	else
		clear_tsk_thread_flag(task, TIF_SYSCALL_TRACEPOINT);
}

static inline bool pf_traces_calls_of(struct task_struct *task)
{
	return test_tsk_thread_flag(task, TIF_SYSCALL_TRACEPOINT);
}
#endif

#endif
