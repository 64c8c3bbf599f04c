// SPDX-License-Identifier: GPL-2.0
/*
 * System calls, before they are made and at their end. What is looked at is what the kernel goes on to
 * use: registers, and on o32 the kernel's own copy of the caller's stack.
 *
 * Hooks run in order, each sees what those before it did. What one does to an argument is taken back
 * at the call's end, as the caller's registers are its own.
 */
#include <linux/kernel.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "arch/arch.h"
#include "compat/levers.h"
#include "compat/syscall.h"
#include "compat/tasks.h"
#include "hooks.h"

/* A call, as its hooks find it. */
struct call {
	struct pt_regs *regs;
	unsigned long raw[PF_PLACES];
	struct pf_flight *flight; /* NULL: none is needed, or there was no room */
	u16 flags;		  /* PF_SKIPPED, PF_NO_CALL */
	struct pf_lever *lever;
};

static u64 narrowed(u64 value, const struct pf_parameter *p)
{
	unsigned int unused = 64 - 8 * p->bytes;

	if (p->flags & PF_PARAMETER_SIGNED)
		return (s64)(value << unused) >> unused;
	return value << unused >> unused;
}

#ifdef __BIG_ENDIAN
#define HIGH_WORD 0
#else
#define HIGH_WORD 1
#endif

static u64 argument(const unsigned long *raw, const struct pf_parameter *p)
{
	if (p->flags & PF_PARAMETER_PAIR)
		return (u64)(u32)raw[p->place + HIGH_WORD] << 32 |
		       (u32)raw[p->place + 1 - HIGH_WORD];
	return narrowed(raw[p->place], p);
}

static void fill_registers(struct pf_view *view, const unsigned long *raw)
{
	bool is_32 = pf_abi_is_32(view->abi);
	int i;

	for (i = 0; i < PF_PARAMETERS_MOST; i++)
		view->args[i] = is_32 ? (u32)raw[i] : raw[i];
}

/* Declared arguments, or the registers as they are. */
static void fill_arguments(struct pf_view *view, const unsigned long *raw,
			   const struct pf_placed *placed)
{
	int i;

	if (!placed->declares)
		return fill_registers(view, raw);
	for (i = 0; i < PF_PARAMETERS_MOST; i++) {
		const struct pf_parameter *p = &placed->hook.parameters[i];

		view->args[i] = p->bytes ? argument(raw, p) : 0;
	}
}

/* --- deeds ---------------------------------------------------------------------------------------- */

static bool set_place(struct call *call, u32 abi, u32 place, unsigned long value)
{
	unsigned long *at = pf_place(call->regs, abi, place);
	struct pf_flight *f = call->flight;

	if (!at || !f)
		return false;
	if (!(f->changed & BIT(place))) {
		f->changed |= BIT(place);
		f->before[place] = *at;
		f->at[place] = (u8 *)at - (u8 *)call->regs;
	}
	*at = value;
	call->raw[place] = value;
	return true;
}

static bool set_argument(struct call *call, u32 abi, const struct pf_parameter *p, u64 value)
{
	if (p->flags & PF_PARAMETER_PAIR)
		return pf_place(call->regs, abi, p->place + 1) &&
		       set_place(call, abi, p->place + HIGH_WORD, value >> 32) &&
		       set_place(call, abi, p->place + 1 - HIGH_WORD, (u32)value);
	value = narrowed(value, p);
	return set_place(call, abi, p->place, pf_abi_is_32(abi) ? (u32)value : value);
}

static bool skip(struct call *call, int error)
{
	if (!call->flight)
		return false;
	call->flight->error = error;
	call->flags |= PF_SKIPPED;
	pf_skip(call->regs, error);
	return true;
}

/* Once it is skipped nothing more can be done to a call. */
static bool do_deed(struct call *call, const struct pf_hook *hook, u32 abi)
{
	if (call->flags & PF_SKIPPED)
		return false;
	if (hook->deed == PF_DO_FAIL)
		return skip(call, hook->value);
	return set_argument(call, abi, &hook->parameters[hook->index], hook->value);
}

static void run_call_deed(struct pf_placed *placed, struct call *call, u32 abi)
{
	if (pf_lever_is(&placed->hook))
		pf_lever_draw(placed, call->lever, PF_CALLS_MAY_SLEEP);
	else if (do_deed(call, &placed->hook, abi))
		__this_cpu_inc(placed->counts->done);
	else
		__this_cpu_inc(placed->counts->failed);
}

/* --- before ----------------------------------------------------------------------------------------- */

static void run_call_hooks(const struct pf_table *calls, struct call *call, struct pf_event *event)
{
	u32 i;

	for (i = 0; i < calls->count; i++) {
		struct pf_placed *placed = calls->placed[i];

		if (placed->hook.number >= 0 && placed->hook.number != event->view.number)
			continue;
		if (!pf_concerns(placed, &event->view))
			continue;
		fill_arguments(&event->view, call->raw, placed);
		if (!pf_passes(placed, &event->view))
			continue;
		event->head.flags = call->flags;
		pf_record_event(placed, PF_CALL, event, sizeof(*event));
		if (placed->hook.deed)
			run_call_deed(placed, call, event->view.abi);
	}
}

static void look_at_call(struct pt_regs *regs, s32 number, struct pf_lever *lever)
{
	const struct pf_table *calls = pf_table_of(PF_CALL), *returns = pf_table_of(PF_RETURN);
	const u32 abi = pf_syscall_abi();
	struct pf_event event;
	struct call call;
	bool ioctl, hidden;

	if (pf_scope_is_gated() && !pf_in_scope(current, PF_SCOPE_ANYHOW))
		return pf_scope_lets_go();
	if (unlikely(pf_is_setns(abi, number)))
		pf_scope_may_leave(current);
	ioctl = pf_is_ioctl(abi, number) && pf_table_of(PF_UNANSWERED);
	hidden = returns && pf_end_hides_number(number);
	if (!pf_table_wants(calls, number) && !pf_table_wants(returns, number) && !ioctl && !hidden)
		return;
	event.view.number = number;
	event.view.abi = abi;
	event.view.ip = 0;
	event.view.result = 0;
	pf_view_whose(&event.view, current);
	call.regs = regs;
	call.flags = 0;
	call.lever = lever;
	call.flight = NULL;
	pf_read_places(regs, abi, call.raw);
	/* What is remembered of a call whose end is not told would be taken for another's. */
	if (!pf_end_is_untold(number) &&
	    (pf_table_wants(returns, number) || (calls && calls->deeds) || ioctl || hidden))
		call.flight = pf_flight_begin(regs);
	if (ioctl && !call.flight)
		pf_ioctl_is_lost(&event.view);
	if (pf_table_wants(calls, number))
		run_call_hooks(calls, &call, &event);
	if (call.flight) {
		call.flight->number = number;
		call.flight->abi = abi;
		memcpy(call.flight->raw, call.raw, sizeof(call.raw));
	}
}

void pf_on_call(void *data, struct pt_regs *regs, long number)
{
	struct pf_lever lever;

	pf_lever_begin(&lever);
	/* From 6.13 on these two may be preempted; everything below counts on one CPU. */
	preempt_disable_notrace();
	rcu_read_lock();
	look_at_call(regs, pf_number(regs), &lever);
	rcu_read_unlock();
	preempt_enable_notrace();
	pf_lever_pull(&lever);
}

/* --- at its end -------------------------------------------------------------------------------------- */

/* @regs are the call's, or a copy of them. */
static void give_back(struct pt_regs *regs, const struct pf_flight *f)
{
	/* Before anything is written. */
	bool moved = pf_has_moved(regs, f->number, f->raw);
	unsigned long *at;
	u32 i;

	for (i = 0; i < PF_PLACES; i++) {
		if (!(f->changed & BIT(i)))
			continue;
		at = (unsigned long *)((u8 *)regs + f->at[i]);
		at = pf_place_at_end(regs, at, i, moved);
		if (at)
			*at = f->before[i];
	}
}

void pf_call_born(struct task_struct *child)
{
	const struct pf_flight *f = pf_flight_find();
	struct pt_regs *regs = task_pt_regs(child);

	if ((current->flags | child->flags) & PF_KTHREAD)
		return pf_forget_number(child);
	if (f)
		give_back(regs, f);
	pf_keep_number(regs, task_pt_regs(current));
}

/*
 * After an exec the registers are a new program's, after sigreturn(2) those of what the signal interrupted. Of all other
 * calls the instruction pointer is at the end what it was before: on every arch it is behind the call by then, and back
 * on it, to make it again, only later.
 */
static bool has_registers(struct pt_regs *regs, const struct pf_flight *f)
{
	return f->mm == current->mm && f->ip == instruction_pointer(regs);
}

static void take_back(struct pt_regs *regs, const struct pf_flight *f)
{
	if (!has_registers(regs, f))
		return;
	give_back(regs, f);
	if (f->error)
		pf_set_result(regs, -f->error);
}

static void run_return_deed(struct pf_placed *placed, struct call *call)
{
	/* It may never have been made: then its result is the word of who kept it from that. */
	if (!call->flight)
		return;
	if (!has_registers(call->regs, call->flight)) {
		__this_cpu_inc(placed->counts->failed);
		return;
	}
	pf_set_result(call->regs, placed->hook.value);
	__this_cpu_inc(placed->counts->done);
}

static void run_return_hooks(const struct pf_table *returns, struct call *call,
			     struct pf_event *event)
{
	u32 i;

	for (i = 0; i < returns->count; i++) {
		struct pf_placed *placed = returns->placed[i];

		if (placed->hook.number >= 0 && placed->hook.number != event->view.number)
			continue;
		if (!pf_concerns(placed, &event->view))
			continue;
		if (call->flight)
			fill_arguments(&event->view, call->raw, placed);
		else
			__this_cpu_inc(placed->counts->failed);
		event->view.result = pf_result(call->regs, event->view.abi);
		if (!pf_passes(placed, &event->view))
			continue;
		event->head.flags = call->flags;
		pf_record_event(placed, PF_RETURN, event, sizeof(*event));
		if (placed->hook.deed == PF_DO_SET_RESULT)
			run_return_deed(placed, call);
		else if (pf_lever_is(&placed->hook))
			pf_lever_draw(placed, call->lever, false);
	}
}

static void look_at_return(struct pt_regs *regs)
{
	const struct pf_table *returns = pf_table_of(PF_RETURN);
	struct pf_flight *f = pf_flight_find();
	struct pf_lever lever;
	struct call call = { .regs = regs, .flight = f, .lever = &lever };
	struct pf_event event = {};

	if (f) {
		take_back(regs, f);
		pf_ioctl_ends(f, pf_result(regs, f->abi));
	} else {
		call.flags |= PF_NO_CALL;
	}
	event.view.number = f ? f->number : pf_number_at_end(regs);
	if (pf_table_wants(returns, event.view.number)) {
		s32 number = event.view.number;

		pf_view_of(&event.view, current);
		event.view.number = number;
		event.view.abi = f ? f->abi : pf_syscall_abi();
		if (f) {
			memcpy(call.raw, f->raw, sizeof(call.raw));
			call.flags |= f->error ? PF_SKIPPED : 0;
		}
		pf_lever_begin(&lever);
		run_return_hooks(returns, &call, &event);
		pf_lever_pull(&lever); /* left for the way back, so it does not sleep here */
	}
	if (f)
		pf_flight_end(f);
}

void pf_on_return(void *data, struct pt_regs *regs, long result)
{
	preempt_disable_notrace();
	rcu_read_lock();
	look_at_return(regs);
	rcu_read_unlock();
	preempt_enable_notrace();
}
