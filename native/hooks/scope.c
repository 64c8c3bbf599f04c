// SPDX-License-Identifier: GPL-2.0
/*
 * Who is in scope: in another UTS namespace than the one that this module was loaded in. It is
 * inherited over fork and exec, and costs a task nothing.
 *
 * Kept scope closes the ways out of that. A task that was in scope and goes back to that namespace,
 * or is about to end and has none any more, is written down as a stray while there are gated hooks,
 * and so is what it forks, and the program that the kernel runs on its behalf (call_usermodehelper:
 * core_pattern, modprobe). That program, and what it forks, are strays only for hooks that want helpers.
 * Where there is no probe for its move, who could be about to leave is written down already: to be a
 * stray too early changes nothing. When there is no room for one more stray, or for one more program
 * that has yet to begin, everybody is in scope until the last gated hook goes, for those hooks that it is
 * about: rather too much is seen than too little.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/irqflags.h>
#include <linux/kmod.h>
#include <linux/nsproxy.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "compat/levers.h"
#include "compat/syscall.h"
#include "compat/tasks.h"
#include "hooks.h"

#define STRAY_BITS 12
#define STRAYS	   (1u << STRAY_BITS)
#define HELPERS	   64

static struct file *namespace_file; /* while it is open, base is nobody else's address */
static const struct uts_namespace *base;

/*
 * Guards the tables below; innermost, and nothing that is probed is called under it. Taken in kprobes,
 * which on x86 are as good as an NMI to lockdep: so it is one that lockdep does not know.
 */
static arch_spinlock_t strays_lock = __ARCH_SPIN_LOCK_UNLOCKED;
static struct {
	struct task_struct *task;
	bool helper;
} strays[STRAYS]; /* by hash of the address, linear */
static u32 stray_count;
static bool overflowed, helpers_overflowed;
static const void *helpers[HELPERS]; /* asked for from within the scope, not yet begun */

static bool watching; /* there are gated hooks, and so the probes that keep the tables right */

static bool all_gated; /* the hooks on calls */
static bool gated;     /* so tasks out of scope are not traced */

int pf_scope_init(void)
{
	namespace_file = filp_open("/proc/self/ns/uts", O_RDONLY, 0);
	if (IS_ERR(namespace_file)) {
		pr_err("photofinish: /proc/self/ns/uts does not open: CONFIG_UTS_NS and a mounted "
		       "/proc are needed\n");
		return -ENODEV;
	}
	base = current->nsproxy->uts_ns;
	return 0;
}

void pf_scope_exit(void)
{
	fput(namespace_file);
}

/* --- strays --------------------------------------------------------------------------------------- */

static unsigned long lock_strays(void)
{
	unsigned long flags;

	raw_local_irq_save(flags);
	arch_spin_lock(&strays_lock);
	return flags;
}

static void unlock_strays(unsigned long flags)
{
	arch_spin_unlock(&strays_lock);
	raw_local_irq_restore(flags);
}

/* Context of the four: strays_lock. */
static u32 place_of(const struct task_struct *task)
{
	u32 i = hash_ptr((void *)task, STRAY_BITS);

	while (strays[i].task && strays[i].task != task)
		i = (i + 1) % STRAYS;
	return i;
}

static void overflow(bool helper)
{
	if (helper)
		helpers_overflowed = true;
	else
		overflowed = true;
}

static void add(struct task_struct *task, bool helper)
{
	u32 i = place_of(task);

	if (strays[i].task) {
		/* A helper that was in scope of its own account, and left it. */
		strays[i].helper = strays[i].helper && helper;
		return;
	}
	if (stray_count >= STRAYS / 2)
		return overflow(helper);
	strays[i].task = task;
	strays[i].helper = helper;
	stray_count++;
}

/* Whoever was pushed behind the hole moves up, so that a search never ends too early. */
static void take_out(const struct task_struct *task)
{
	u32 hole = place_of(task), i, home;

	if (!strays[hole].task)
		return;
	strays[hole].task = NULL;
	stray_count--;
	for (i = (hole + 1) % STRAYS; strays[i].task; i = (i + 1) % STRAYS) {
		home = hash_ptr(strays[i].task, STRAY_BITS);
		if (((i - home) % STRAYS) < ((i - hole) % STRAYS))
			continue;
		strays[hole] = strays[i];
		strays[i].task = NULL;
		hole = i;
	}
}

/* For a hook with these flags. */
static bool is_stray(const struct task_struct *task, u32 flags)
{
	bool kept = flags & PF_SCOPE_KEPT, helpers_too = flags & PF_SCOPE_HELPERS, is;
	unsigned long irqs;
	u32 i;

	if (!kept)
		return false;
	if (!READ_ONCE(stray_count))
		return READ_ONCE(overflowed) || (helpers_too && READ_ONCE(helpers_overflowed));
	irqs = lock_strays();
	i = place_of(task);
	is = overflowed || (helpers_too && helpers_overflowed) ||
	     (strays[i].task && (helpers_too || !strays[i].helper));
	unlock_strays(irqs);
	return is;
}

static void make_stray(struct task_struct *task, bool helper)
{
	unsigned long flags;

	flags = lock_strays();
	if (watching) /* else nobody would tell when the task is freed */
		add(task, helper);
	unlock_strays(flags);
}

/* What current is, @child is. */
static void pass_on(struct task_struct *child)
{
	unsigned long flags;
	u32 i;

	if (!READ_ONCE(stray_count))
		return;
	flags = lock_strays();
	i = place_of(current);
	if (strays[i].task && watching)
		add(child, strays[i].helper);
	unlock_strays(flags);
}

void pf_scope_watch(bool yes)
{
	unsigned long flags;

	flags = lock_strays();
	watching = yes;
	memset(strays, 0, sizeof(strays));
	memset(helpers, 0, sizeof(helpers));
	stray_count = 0;
	overflowed = false;
	helpers_overflowed = false;
	unlock_strays(flags);
}

/* --- the scope ------------------------------------------------------------------------------------ */

static bool is_elsewhere(const struct nsproxy *proxy)
{
	return proxy && proxy->uts_ns != base;
}

bool pf_in_scope(struct task_struct *task, u32 flags)
{
	return is_elsewhere(READ_ONCE(task->nsproxy)) || is_stray(task, flags);
}

/* Its namespaces may go away meanwhile, unless the task is locked. Context: rcu_read_lock. */
static bool in_scope_now(struct task_struct *task)
{
	bool in;

	task_lock(task);
	in = is_elsewhere(task->nsproxy);
	task_unlock(task);
	return in || is_stray(task, PF_SCOPE_ANYHOW);
}

bool pf_scope_exists(void)
{
	struct task_struct *process, *task;
	bool exists = false;

	rcu_read_lock();
	for_each_process_thread(process, task)
	{
		exists = exists || in_scope_now(task);
	}
	rcu_read_unlock();
	return exists;
}

bool pf_scope_is_gated(void)
{
	return READ_ONCE(all_gated);
}

/* A call that is remembered is traced to its end; who is out of scope is let go when it makes the next one. */
static void mark(struct task_struct *task, bool in)
{
	if (in || !pf_flight_exists(task))
		pf_trace_calls_of(task, in);
}

static void mark_all(void)
{
	struct task_struct *process, *task;

	rcu_read_lock();
	for_each_process_thread(process, task)
	{
		mark(task, !gated || in_scope_now(task));
		smp_mb(); /* the mark before the look at who comes next, with that of pf_scope_born() */
	}
	rcu_read_unlock();
}

/*
 * Who is on its way into scope is marked before it is there, and mark_all() may have met it then. It may be
 * preempted on that way; who has not arrived when this wait is over gave way of its own accord.
 */
static void mark_arrivals(void)
{
	struct task_struct *process, *task;

	pf_wait_for_leavers();
	rcu_read_lock();
	for_each_process_thread(process, task)
	{
		if (in_scope_now(task))
			mark(task, true);
	}
	rcu_read_unlock();
}

void pf_scope_apply(bool calls_are_gated)
{
	bool before = gated;

	WRITE_ONCE(all_gated, calls_are_gated);
	WRITE_ONCE(gated, calls_are_gated && pf_probe_exists(PF_PROBE_NAMESPACE) &&
				  !pf_probes_others_trace_calls());
	if (gated == before)
		return; /* the kernel marks everybody as soon as somebody wants to know of calls */
	/* Probes that go by what was before have marked whom they look at, and remember no more calls. */
	pf_wait_for_probes();
	mark_all();
	if (gated)
		mark_arrivals();
}

void pf_scope_lets_go(void)
{
	/* Else somebody else wants to know of its calls, or marks cannot be kept right. */
	if (READ_ONCE(gated))
		mark(current, false);
}

void pf_scope_born(struct task_struct *child)
{
	pass_on(child);
	if (READ_ONCE(gated))
		return mark(child, pf_in_scope(child, PF_SCOPE_ANYHOW));
	/* The kernel did the same when it made the child; current may have been marked since. */
	smp_mb();
	if (pf_traces_calls_of(current))
		pf_trace_calls_of(child, true);
}

void pf_scope_freed(struct task_struct *task)
{
	unsigned long flags;

	if (!READ_ONCE(stray_count))
		return;
	flags = lock_strays();
	take_out(task);
	unlock_strays(flags);
}

void pf_scope_moves(struct task_struct *task, const struct nsproxy *to)
{
	if (task != current) /* it was not born after all, and nobody will tell when it is freed */
		return;
	if (is_elsewhere(READ_ONCE(task->nsproxy)) && !is_elsewhere(to))
		make_stray(task, false);
	if (READ_ONCE(gated))
		mark(task, is_elsewhere(to) || is_stray(task, PF_SCOPE_ANYHOW));
}

void pf_scope_may_leave(struct task_struct *task)
{
	if (is_elsewhere(READ_ONCE(task->nsproxy)))
		make_stray(task, false);
}

/* --- helpers -------------------------------------------------------------------------------------- */

/* NULL is at a free place. Context: strays_lock. */
static const void **place_of_helper(const void *helper)
{
	u32 i;

	for (i = 0; i < HELPERS; i++)
		if (helpers[i] == helper)
			return &helpers[i];
	return NULL;
}

void pf_scope_asks_helper(const struct subprocess_info *helper)
{
	/* Without a path the kernel runs nothing, and says that it has. */
	bool ours = helper->path && helper->path[0] && pf_in_scope(current, PF_SCOPE_ANYHOW);
	const void **place;
	unsigned long flags;

	flags = lock_strays();
	/* Of one that lay there, and for which no task could be made. */
	place = place_of_helper(helper);
	if (!place && ours)
		place = place_of_helper(NULL);
	if (place)
		*place = ours ? helper : NULL;
	else if (ours && watching)
		overflow(true);
	unlock_strays(flags);
}

void pf_scope_runs_helper(const void *helper)
{
	const void **place;
	unsigned long flags;

	flags = lock_strays();
	place = place_of_helper(helper);
	if (place)
		*place = NULL;
	unlock_strays(flags);
	if (!place)
		return;
	make_stray(current, true);
	if (READ_ONCE(gated))
		pf_trace_calls_of(current, true);
}
