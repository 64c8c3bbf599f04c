// SPDX-License-Identifier: GPL-2.0
/*
 * Levers: a task that a hook matched is held for a while, lets others go first, or becomes more or less
 * urgent. What they do depends on the hook's seed and on how many matches there were, and on nothing
 * else, so a run that repeats its events repeats its levers.
 *
 * Probes may not sleep (but those of calls, from 6.13 on), so a lever is left with its task, which finds
 * it on its way back to user mode, or before it stops for a tracer. That is done as task_work_add() would
 * (kernel/task_work.c), which is not exported; for current, all it takes is an entry in a list of its own.
 */
#include <linux/atomic.h>
#include <linux/hrtimer.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/tracepoint.h>

#include "compat/levers.h"
#include "hooks.h"

#define PENDING 256

/* What a task has to do on its way back. */
struct pf_pending {
	struct callback_head work;
	atomic_t taken;
	struct pf_lever lever;
};

static struct pf_pending pendings[PENDING];

bool pf_lever_is(const struct pf_hook *hook)
{
	return hook->deed == PF_DO_HOLD || hook->deed == PF_DO_YIELD || hook->deed == PF_DO_NICE;
}

/* splitmix64, of which this is the n-th number. */
static u64 drawn(u64 seed, u32 n)
{
	u64 z = seed + (n + 1ull) * 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static struct pf_pending *take_pending(void)
{
	u32 i;

	/* Who ends does not come back, nor do the kernel's own. A task that is held keeps the module. */
	if (current->flags & (PF_EXITING | PF_KTHREAD) || !try_module_get(THIS_MODULE))
		return NULL;
	for (i = 0; i < PENDING; i++)
		if (!atomic_read(&pendings[i].taken) && !atomic_cmpxchg(&pendings[i].taken, 0, 1))
			return &pendings[i];
	module_put(THIS_MODULE);
	return NULL;
}

static void add(struct pf_lever *lever, const struct pf_hook *hook, u32 random)
{
	if (hook->deed == PF_DO_HOLD) /* at most PF_HOLD_MOST, which has 30 bits */
		lever->hold_ns += (u64)random * (u64)(hook->value + 1) >> 32;
	else if (hook->deed == PF_DO_NICE)
		lever->nice = hook->value;
	lever->deeds |= BIT(hook->deed);
}

void pf_lever_draw(struct pf_placed *placed, struct pf_lever *lever, bool may_sleep)
{
	const struct pf_hook *hook = &placed->hook;
	u64 random = drawn(hook->seed, atomic_inc_return(&placed->draws) - 1);

	if (hook->one_in > 1 && (u32)random % hook->one_in)
		return;
	if (!lever->deeds)
		*lever = (struct pf_lever){};
	if (hook->kind == PF_CALL && hook->deed == PF_DO_NICE) {
		set_user_nice(current, hook->value); /* for this very call, and it does not sleep */
	} else if (may_sleep || lever->pending || (lever->pending = take_pending())) {
		add(lever, hook, random >> 32);
	} else {
		__this_cpu_inc(placed->counts->failed);
		return;
	}
	__this_cpu_inc(placed->counts->done);
}

static void pull(const struct pf_lever *lever)
{
	ktime_t time = ns_to_ktime(min_t(u64, lever->hold_ns, PF_HOLD_MOST));

	if (lever->deeds & BIT(PF_DO_NICE))
		set_user_nice(current, lever->nice);
	if (lever->deeds & BIT(PF_DO_YIELD)) /* yield() is no more than a wish */
		schedule_timeout_killable(1);
	if (!(lever->deeds & BIT(PF_DO_HOLD)))
		return;
	set_current_state(TASK_KILLABLE);
	schedule_hrtimeout(&time, HRTIMER_MODE_REL);
}

/* Context: process, of the task that it was left with. */
static void on_way_back(struct callback_head *work)
{
	struct pf_pending *p = container_of(work, struct pf_pending, work);
	struct pf_lever lever = p->lever;

	atomic_set_release(&p->taken, 0);
	if (!(current->flags & PF_EXITING))
		pull(&lever);
	module_put(THIS_MODULE); /* pf_wait_for_leavers() sees us out */
}

static void leave(const struct pf_lever *lever)
{
	struct callback_head *work = &lever->pending->work, *head;

	lever->pending->lever = *lever;
	init_task_work(work, on_way_back);
	do {
		head = READ_ONCE(current->task_works);
		work->next = head;
	} while (cmpxchg(&current->task_works, head, work) != head);
	set_tsk_thread_flag(current, TIF_NOTIFY_RESUME);
}

void pf_lever_pull_drawn(const struct pf_lever *lever)
{
	if (lever->pending)
		leave(lever);
	else
		pull(lever);
}
