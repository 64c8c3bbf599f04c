// SPDX-License-Identifier: GPL-2.0
/* A new process, before it runs. New threads are none, and are left out. */
#include <linux/kernel.h>
#include <linux/pid.h>
#include <linux/sched.h>

#include "hooks.h"
#include "photofinish_uapi.h"

/* Context: process, preemption off. */
void pf_on_fork(void *data, struct task_struct *parent, struct task_struct *child)
{
	struct pf_fork record = {};

	if (!pf_ring_wanted() || task_tgid_nr(child) != task_pid_nr(child))
		return;
	record.pid = cpu_to_le32(task_tgid_nr(parent));
	record.child = cpu_to_le32(task_pid_nr(child));
	pf_ring_put(&record, PF_RECORD_FORK, sizeof(record));
}
