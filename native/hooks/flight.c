// SPDX-License-Identifier: GPL-2.0
/*
 * What is remembered of calls that are under way: at their end registers no longer tell what they were
 * about. A task makes one call at a time, so its address finds it. A place is taken without a lock and
 * is then its task's alone; all of it is there from the start, and who finds none free goes without,
 * which its hooks count.
 */
#include <linux/atomic.h>
#include <linux/hash.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/vmalloc.h>

#include "hooks.h"

#define FLIGHT_BITS 11
#define FLIGHTS	    (1u << FLIGHT_BITS)
#define REACH	    32 /* how far from home a place may be */

static struct pf_flight *flights;

int pf_flight_init(void)
{
	flights = vzalloc(FLIGHTS * sizeof(*flights));
	return flights ? 0 : -ENOMEM;
}

void pf_flight_exit(void)
{
	vfree(flights);
}

void pf_flight_end(struct pf_flight *f)
{
	smp_store_release(&f->task, NULL);
}

static struct pf_flight *at(struct task_struct *task, u32 i)
{
	return &flights[(hash_ptr(task, FLIGHT_BITS) + i) % FLIGHTS];
}

static struct pf_flight *flight_of(struct task_struct *task)
{
	u32 i;

	for (i = 0; i < REACH; i++)
		if (READ_ONCE(at(task, i)->task) == task)
			return at(task, i);
	return NULL;
}

bool pf_flight_exists(struct task_struct *task)
{
	return flight_of(task);
}

struct pf_flight *pf_flight_find(void)
{
	return flight_of(current);
}

struct pf_flight *pf_flight_begin(struct pt_regs *regs)
{
	struct pf_flight *f = pf_flight_find(); /* of a call that ended unseen */
	u32 i;

	for (i = 0; i < REACH && !f; i++)
		if (!cmpxchg(&at(current, i)->task, NULL, current))
			f = at(current, i);
	if (f) {
		f->error = 0;
		f->changed = 0;
		f->asked.noted = false;
		f->mm = current->mm;
		f->ip = instruction_pointer(regs);
	}
	return f;
}

void pf_flight_forget(void)
{
	u32 i;

	for (i = 0; i < FLIGHTS; i++)
		pf_flight_end(&flights[i]);
}
