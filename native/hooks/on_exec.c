// SPDX-License-Identifier: GPL-2.0
/*
 * The exec that really happened. The tracepoint fires when the new image is complete and its first
 * instruction has not run: whatever the caller's memory held, this is what was copied from it.
 */
#include <linux/binfmts.h>
#include <linux/kernel.h>
#include <linux/mm_types.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "compat/uaccess.h"
#include "hooks.h"
#include "photofinish_uapi.h"

union exec_record {
	struct pf_exec exec;
	u8 bytes[PF_RECORD_MAX];
};

/* Returns how many bytes of the path were put at @to. */
static u16 keep_path(u8 *to, const char *path, u32 *flags)
{
	size_t n = strnlen(path, PF_PATH_MAX + 1);

	if (n > PF_PATH_MAX) {
		n = PF_PATH_MAX;
		*flags |= PF_EXEC_TRUNCATED;
	}
	memcpy(to, path, n);
	return n;
}

/*
 * Returns how many bytes of current's argument strings were put at @to. The kernel has just written
 * them, so they are present as a rule; nothing may be faulted in here.
 */
static u16 keep_argv(u8 *to, const struct mm_struct *mm, u32 *flags)
{
	unsigned long whole = mm->arg_end - mm->arg_start;
	unsigned long n = min_t(unsigned long, whole, PF_ARGV_MAX);
	unsigned long got;

	got = pf_copy_from_user_atomic(to, (const void __user *)mm->arg_start, n);
	if (got < whole)
		*flags |= PF_EXEC_TRUNCATED;
	return got;
}

/* Context: process, preemption off. current runs the new image. */
void pf_on_exec(void *data, struct task_struct *task, pid_t old_pid, struct linux_binprm *bprm)
{
	union exec_record record = {};
	u8 *data_at = record.bytes + sizeof(record.exec);
	u32 flags = 0;
	u16 path_len;
	u16 argv_len;

	if (!pf_ring_wanted() || !current->mm)
		return;
	path_len = keep_path(data_at, bprm->filename, &flags);
	argv_len = keep_argv(data_at + path_len, current->mm, &flags);
	record.exec.pid = cpu_to_le32(task_tgid_nr(task));
	record.exec.argc = cpu_to_le32(bprm->argc);
	record.exec.flags = cpu_to_le32(flags);
	record.exec.path_len = cpu_to_le16(path_len);
	record.exec.argv_len = cpu_to_le16(argv_len);
	pf_ring_put(&record, PF_RECORD_EXEC,
		    ALIGN(sizeof(record.exec) + path_len + argv_len, PF_RECORD_ALIGN));
}
