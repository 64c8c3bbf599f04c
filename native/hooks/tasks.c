// SPDX-License-Identifier: GPL-2.0
/* Tasks that come, end, and get another image; signals that reach them. */
#include <linux/binfmts.h>
#include <linux/kernel.h>
#include <linux/mm_types.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <linux/string.h>

#include "compat/signal.h"
#include "compat/tasks.h"
#include "compat/uaccess.h"
#include "hooks.h"

union exec_record {
	struct pf_exec_event exec;
	u8 bytes[sizeof(struct pf_exec_event) + PF_PATH_MOST + PF_ARGV_MOST];
};

/* Returns how many bytes of the path were put at @to. */
static u16 keep_path(u8 *to, const char *path, u16 *flags)
{
	size_t n = strnlen(path, PF_PATH_MOST + 1);

	if (n > PF_PATH_MOST) {
		n = PF_PATH_MOST;
		*flags |= PF_TRUNCATED;
	}
	memcpy(to, path, n);
	return n;
}

/*
 * Returns how many bytes of current's argument strings were put at @to. The kernel has just written
 * them, so they are present as a rule; nothing may be faulted in here.
 */
static u16 keep_argv(u8 *to, const struct mm_struct *mm, u16 *flags)
{
	unsigned long whole = mm->arg_end - mm->arg_start;
	unsigned long n = min_t(unsigned long, whole, PF_ARGV_MOST);
	unsigned long got;

	got = pf_copy_from_user_atomic(to, (const void __user *)mm->arg_start, n);
	if (got < whole)
		*flags |= PF_TRUNCATED;
	return got;
}

/*
 * The exec that really happened. The tracepoint fires when the new image is complete and its first
 * instruction has not run: whatever the caller's memory held, this is what was copied from it.
 */
void pf_on_exec(void *data, struct task_struct *task, pid_t old_pid, struct linux_binprm *bprm)
{
	union exec_record record;
	struct pf_exec_event *e = &record.exec;

	if (!current->mm)
		return;
	memset(e, 0, sizeof(*e));
	pf_view_of(&e->event.view, task);
	e->event.view.args[0] = bprm->argc;
	e->path_bytes = keep_path(e->data, bprm->filename, &e->event.head.flags);
	e->argv_bytes = keep_argv(e->data + e->path_bytes, current->mm, &e->event.head.flags);
	pf_tell(PF_EXEC, &e->event, sizeof(*e) + e->path_bytes + e->argv_bytes);
}

void pf_on_fork(void *data, struct task_struct *parent, struct task_struct *child)
{
	struct pf_event event = {};

	if (task_tgid_nr(child) != task_pid_nr(child))
		return;
	pf_view_of(&event.view, parent);
	event.view.args[0] = task_pid_nr(child);
	pf_tell(PF_FORK, &event, sizeof(event));
}

void pf_on_born(PF_BORN_ARGUMENTS)
{
	pf_scope_born(task);
	pf_call_born(task);
}

void pf_on_exit(PF_EXIT_ARGUMENTS)
{
	struct pf_flight *f = pf_flight_find(); /* exit(2) does not return */
	struct pf_event event = {};

	if (f)
		pf_flight_end(f);
	pf_scope_may_leave(task);
	pf_view_of(&event.view, task);
	event.view.args[0] = task->exit_code;
	event.view.args[1] = thread_group_leader(task);
	pf_tell(PF_EXIT, &event, sizeof(event));
}

void pf_on_free(void *data, struct task_struct *task)
{
	pf_scope_freed(task);
}

/* Signals that the kernel sends may have no siginfo, but a small number in its place. */
static s32 code_of(const struct pf_siginfo *info)
{
	if (info == SEND_SIG_PRIV)
		return SI_KERNEL;
	return (uintptr_t)info <= PF_SIGINFO_LAST ? SI_USER : info->si_code;
}

void pf_on_signal(void *data, int signal, struct pf_siginfo *info, struct k_sigaction *action)
{
	struct pf_event event = {};

	pf_view_of(&event.view, current);
	event.view.args[0] = signal;
	event.view.args[1] = (s64)code_of(info);
	pf_tell(PF_SIGNAL, &event, sizeof(event));
}
