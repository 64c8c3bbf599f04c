// SPDX-License-Identifier: GPL-2.0
#include <linux/bitmap.h>
#include <linux/kernel.h>
#include <linux/percpu.h>
#include <linux/pid.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "hooks.h"

/* Counts are written by probes alone, which run in process context with preemption off. */

void pf_view_whose(struct pf_view *view, struct task_struct *task)
{
	/* Events are current's own, and most tasks are in the first namespace. */
	bool elsewhere = task_pid(task)->level;

	view->pid = task_tgid_nr(task);
	view->tid = task_pid_nr(task);
	view->vpid = elsewhere ? task_tgid_vnr(task) : view->pid;
	view->vtid = elsewhere ? task_pid_vnr(task) : view->tid;
}

void pf_view_of(struct pf_view *view, struct task_struct *task)
{
	*view = (struct pf_view){ .number = -1 };
	pf_view_whose(view, task);
}

bool pf_concerns(const struct pf_placed *placed, const struct pf_view *view)
{
	const struct pf_hook *hook = &placed->hook;

	if (hook->number >= 0 && hook->number != view->number)
		return false;
	if (hook->abi && hook->abi != view->abi)
		return false;
	if (hook->flags & PF_SCOPED && !pf_in_scope(current, hook->flags))
		return false;
	return !hook->comm[0] || !strncmp(hook->comm, current->comm, sizeof(hook->comm));
}

bool pf_passes(struct pf_placed *placed, const struct pf_view *view)
{
	if (placed->program && !pf_program_run(placed->program, view))
		return false;
	__this_cpu_inc(placed->counts->matched);
	return true;
}

void pf_record_event(struct pf_placed *placed, enum pf_kind kind, struct pf_event *event,
		     u32 length)
{
	if (!(placed->hook.flags & PF_RECORD))
		return;
	event->head.kind = kind;
	event->hook = placed->id;
	event->zero = 0;
	if (pf_rings_put(placed->rings, &event->head, length))
		__this_cpu_inc(placed->counts->recorded);
	else
		__this_cpu_inc(placed->counts->dropped);
}

void pf_tell(enum pf_kind kind, struct pf_event *event, u32 length)
{
	struct pf_lever lever;
	const struct pf_table *t;
	u32 i;

	pf_lever_begin(&lever);
	/* From 7.0 on (a46023d5616e) the probes of all tracepoints may be preempted; counts are one CPU's. */
	preempt_disable_notrace();
	rcu_read_lock();
	t = pf_table_of(kind);
	for (i = 0; t && i < t->count; i++) {
		if (!pf_concerns(t->placed[i], &event->view) ||
		    !pf_passes(t->placed[i], &event->view))
			continue;
		pf_record_event(t->placed[i], kind, event, length);
		if (pf_lever_is(&t->placed[i]->hook))
			pf_lever_draw(t->placed[i], &lever, false);
	}
	rcu_read_unlock();
	preempt_enable_notrace();
	pf_lever_pull(&lever);
}
