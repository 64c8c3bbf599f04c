// SPDX-License-Identifier: GPL-2.0
/*
 * The hooks that are in place, by kind and in order. Probes read a table under RCU; every change makes
 * a new one. So a probe sees all of a change or nothing of it, and nothing is freed while it looks.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "arch/arch.h"
#include "compat/levers.h"
#include "hooks.h"

static DEFINE_MUTEX(config_lock); /* guards all below; may sleep, innermost of the mutexes */
struct pf_table __rcu *pf_tables[PF_KINDS];
static u32 placed_count, scoped_count, flying_count;
static u32 last_id;

static struct pf_table *own_table(u32 kind)
{
	return rcu_dereference_protected(pf_tables[kind], lockdep_is_held(&config_lock));
}

/* --- what a hook may be ----------------------------------------------------------------------- */

static bool is_about_calls(const struct pf_hook *hook)
{
	return hook->kind == PF_CALL || hook->kind == PF_RETURN;
}

/* Whether tasks' calls have to be traced for it. */
static bool looks_at_calls(const struct pf_hook *hook)
{
	return is_about_calls(hook) || hook->kind == PF_UNANSWERED;
}

static const char *parameter_flaw(const struct pf_parameter *p)
{
	bool pair = p->flags & PF_PARAMETER_PAIR;

	if (p->zero || p->flags & ~(PF_PARAMETER_SIGNED | PF_PARAMETER_PAIR))
		return "parameter: unknown flags";
	if (!p->bytes && (p->place || p->flags))
		return "parameter: not declared, and not nothing either";
	if (p->bytes != 0 && p->bytes != 1 && p->bytes != 2 && p->bytes != 4 && p->bytes != 8)
		return "parameter: neither 1, 2, 4 nor 8 bytes";
	if (pair && p->bytes != 8)
		return "parameter: a pair that is not of 8 bytes";
	if (p->place + (pair ? 1 : 0) >= PF_PLACES)
		return "parameter: a register that calls do not have";
	return NULL;
}

static bool declares(const struct pf_hook *hook)
{
	int i;

	for (i = 0; i < PF_PARAMETERS_MOST; i++)
		if (hook->parameters[i].bytes)
			return true;
	return false;
}

static const char *lever_flaw(const struct pf_hook *hook)
{
	if (hook->kind == PF_EXIT || hook->kind == PF_SIGNAL)
		return "deed: who ends, or is sent a signal, cannot be held";
	if (hook->index)
		return "deed: a lever has no index";
	switch (hook->deed) {
	case PF_DO_HOLD:
		return hook->value >= 0 && hook->value <= PF_HOLD_MOST ? NULL
								       : "deed: held for too long";
	case PF_DO_YIELD:
		return hook->value ? "deed: yielding has no value" : NULL;
	default:
		return hook->value >= MIN_NICE && hook->value <= MAX_NICE
			       ? NULL
			       : "deed: not a nice value";
	}
}

static const char *deed_flaw(const struct pf_hook *hook)
{
	if (pf_lever_is(hook))
		return lever_flaw(hook);
	if (hook->one_in || hook->seed)
		return "deed: only levers are drawn";
	switch (hook->deed) {
	case PF_DO_NOTHING:
		return hook->index || hook->value ? "deed: nothing has no value" : NULL;
	case PF_DO_FAIL:
		if (hook->kind != PF_CALL || hook->index)
			return "deed: only a call can be skipped";
		return hook->value > 0 && hook->value <= MAX_ERRNO ? NULL : "deed: no errno";
	case PF_DO_SET_ARGUMENT:
		if (hook->kind != PF_CALL)
			return "deed: only a call has arguments to set";
		if (hook->index >= PF_PARAMETERS_MOST || !hook->parameters[hook->index].bytes)
			return "deed: an argument that is not declared";
		return NULL;
	case PF_DO_SET_RESULT:
		return hook->kind == PF_RETURN && !hook->index
			       ? NULL
			       : "deed: only a call that returns has a result to set";
	default:
		return "deed: unknown";
	}
}

#define ALL_FLAGS (PF_RECORD | PF_SCOPED | PF_SCOPE_KEPT | PF_SCOPE_LATER | PF_SCOPE_HELPERS)

static const char *flaw_of(const struct pf_hook *hook)
{
	const char *flaw;
	int i;

	if (hook->version != PF_VERSION)
		return "version: not this module's";
	if (hook->kind < PF_CALL || hook->kind >= PF_KINDS)
		return "kind: unknown";
	if (hook->flags & ~ALL_FLAGS)
		return "flags: unknown";
	if (hook->flags & (PF_SCOPE_KEPT | PF_SCOPE_LATER) && !(hook->flags & PF_SCOPED))
		return "flags: of a scope, without PF_SCOPED";
	if (hook->flags & PF_SCOPE_HELPERS && !(hook->flags & PF_SCOPE_KEPT))
		return "flags: PF_SCOPE_HELPERS without PF_SCOPE_KEPT";
	if (!is_about_calls(hook) && (hook->number != -1 || hook->abi))
		return "number: only calls have one";
	if (hook->number < -1)
		return "number: negative";
	if (strnlen(hook->comm, sizeof(hook->comm)) == sizeof(hook->comm))
		return "comm: without an end";
	if (!hook->length != !hook->program)
		return "program: a length without an address, or the other way round";
	if (hook->program != (uintptr_t)hook->program)
		return "program: at no address of this kernel's";
	for (i = 0; i < PF_PARAMETERS_MOST; i++) {
		flaw = parameter_flaw(&hook->parameters[i]);
		if (flaw)
			return flaw;
	}
	if (!is_about_calls(hook) && declares(hook))
		return "parameter: only calls have some";
	return deed_flaw(hook);
}

/* What is right, and still cannot be had: 0 or -errno. */
static int check_abilities(const struct pf_hook *hook, const char **why)
{
	*why = pf_kind_flaw(hook->kind);
	if (*why)
		return -EOPNOTSUPP;
	if (hook->deed == PF_DO_FAIL && !PF_ARCH_CAN_SKIP) {
		*why = "deed: this kernel does not let a probe skip a call";
		return -EOPNOTSUPP;
	}
	if (hook->kind == PF_CALL && !PF_CALLS_MAY_SLEEP &&
	    (hook->deed == PF_DO_HOLD || hook->deed == PF_DO_YIELD)) {
		*why = "deed: this kernel does not let a probe hold a call, but at its end";
		return -EOPNOTSUPP;
	}
	if (hook->flags & PF_SCOPE_HELPERS &&
	    !(pf_probe_exists(PF_PROBE_HELPER_ASKED) && pf_probe_exists(PF_PROBE_HELPER_RUNS))) {
		*why = "flags: PF_SCOPE_HELPERS needs kprobes that can be relied on";
		return -EOPNOTSUPP;
	}
	if (hook->flags & PF_SCOPED && !(hook->flags & PF_SCOPE_LATER) && !pf_scope_exists()) {
		*why = "flags: nobody is in scope, as no task has another UTS namespace";
		return -ESRCH;
	}
	return 0;
}

/* Something is done to the call itself. */
static bool intervenes(const struct pf_hook *hook)
{
	return hook->deed && !pf_lever_is(hook);
}

/* A call's end takes back what was done to its registers, and tells what it was about. */
static bool needs_flights(const struct pf_hook *hook)
{
	return hook->kind == PF_RETURN || hook->kind == PF_UNANSWERED || intervenes(hook);
}

static u32 probes_of(const struct pf_hook *hook)
{
	u32 probes = pf_kind_probes(hook->kind);

	if (needs_flights(hook))
		probes |= BIT(PF_PROBE_RETURN) | BIT(PF_PROBE_BORN) | BIT(PF_PROBE_EXIT);
	if (hook->flags & PF_SCOPED)
		probes |= BIT(PF_PROBE_BORN) | BIT(PF_PROBE_FREE);
	if (hook->flags &
	    PF_SCOPE_KEPT) /* that last move has no function of its own where it is inlined */
		probes |= BIT(PF_PROBE_EXIT);
	if (hook->flags & PF_SCOPED && pf_probe_exists(PF_PROBE_NAMESPACE))
		probes |= BIT(PF_PROBE_NAMESPACE);
	else if (hook->flags & PF_SCOPE_KEPT) /* who leaves before that is seen by its call */
		probes |= BIT(PF_PROBE_CALL);
	if (hook->flags & PF_SCOPE_HELPERS)
		probes |= BIT(PF_PROBE_HELPER_ASKED) | BIT(PF_PROBE_HELPER_RUNS);
	return probes;
}

/* --- tables ------------------------------------------------------------------------------------- */

static void append(struct pf_table *t, struct pf_placed *placed)
{
	t->placed[t->count++] = placed;
	t->deeds = t->deeds || intervenes(&placed->hook);
	if (placed->hook.number < 0)
		t->all_numbers = true;
	else
		__set_bit((u32)placed->hook.number % 1024, t->numbers);
}

static bool comes_before(const struct pf_placed *a, const struct pf_placed *b)
{
	return a->hook.priority != b->hook.priority ? a->hook.priority < b->hook.priority
						    : a->id < b->id;
}

/* A copy with @added, or without @removed; NULL: no memory, which a removal waits for. */
static struct pf_table *changed(const struct pf_table *old, struct pf_placed *added,
				const struct pf_placed *removed)
{
	gfp_t gfp = removed ? GFP_KERNEL | __GFP_NOFAIL : GFP_KERNEL;
	u32 count = old ? old->count : 0, i;
	struct pf_table *t = kzalloc(sizeof(*t) + (count + 1) * sizeof(t->placed[0]), gfp);

	if (!t)
		return NULL;
	for (i = 0; i < count; i++) {
		if (added && comes_before(added, old->placed[i])) {
			append(t, added);
			added = NULL;
		}
		if (old->placed[i] != removed)
			append(t, old->placed[i]);
	}
	if (added)
		append(t, added);
	return t;
}

/* Afterwards no probe uses what the old table had and the new one has not. Context: config_lock. */
static void replace(u32 kind, struct pf_table *t)
{
	struct pf_table *old = own_table(kind);

	rcu_assign_pointer(pf_tables[kind], t);
	synchronize_rcu();
	kfree(old);
}

bool pf_table_calls_are_gated(void)
{
	static const u32 kinds[] = { PF_CALL, PF_RETURN, PF_UNANSWERED };
	const struct pf_table *t;
	bool any = false;
	size_t k;
	u32 i;

	lockdep_assert_held(&config_lock);
	for (k = 0; k < ARRAY_SIZE(kinds); k++) {
		t = own_table(kinds[k]);
		for (i = 0; t && i < t->count; i++) {
			any = true;
			if (!(t->placed[i]->hook.flags & PF_SCOPED))
				return false;
		}
	}
	return any;
}

static void free_placed(struct pf_placed *placed)
{
	free_percpu(placed->counts);
	kfree(placed->program);
	kfree(placed);
}

static int place(struct pf_placed *placed, const char **why)
{
	u32 kind = placed->hook.kind;
	struct pf_table *t;
	int err;

	if (placed_count >= PF_HOOKS_MOST) {
		*why = "there are 256 hooks, and no more can be";
		return -ENOSPC;
	}
	placed->id = last_id + 1;
	t = changed(own_table(kind), placed, NULL);
	if (!t)
		return -ENOMEM;
	err = pf_probes_take(probes_of(&placed->hook));
	if (err) {
		kfree(t);
		return err;
	}
	last_id = placed->id;
	replace(kind, t);
	placed_count++;
	flying_count += needs_flights(&placed->hook);
	if (placed->hook.flags & PF_SCOPED && !scoped_count++)
		pf_scope_watch(true);
	if (looks_at_calls(&placed->hook))
		pf_scope_apply(pf_table_calls_are_gated());
	return placed->id;
}

int pf_table_add(struct pf_session *session, const struct pf_hook *hook,
		 struct sock_filter *program, const char **why)
{
	struct pf_placed *placed;
	int id;

	*why = flaw_of(hook);
	if (*why)
		return -EINVAL;
	id = check_abilities(hook, why);
	if (id)
		return id;
	placed = kzalloc(sizeof(*placed), GFP_KERNEL);
	if (!placed)
		return -ENOMEM;
	placed->counts = alloc_percpu(struct pf_counts);
	if (!placed->counts) {
		kfree(placed);
		return -ENOMEM;
	}
	placed->hook = *hook;
	placed->declares = declares(hook);
	placed->session = session;
	placed->rings = pf_session_rings(session);
	mutex_lock(&config_lock);
	placed->program = program;
	id = place(placed, why);
	mutex_unlock(&config_lock);
	if (id < 0) {
		placed->program = NULL; /* the caller's still */
		free_placed(placed);
	}
	return id;
}

/* Context: config_lock. */
static void take_away(struct pf_placed *placed)
{
	u32 kind = placed->hook.kind;
	const struct pf_table *t = own_table(kind);

	replace(kind, t->count > 1 ? changed(t, NULL, placed) : NULL);
	placed_count--;
	if (looks_at_calls(&placed->hook))
		pf_scope_apply(pf_table_calls_are_gated());
	if (placed->hook.flags & PF_SCOPED && !--scoped_count)
		pf_scope_watch(false);
	pf_probes_give(probes_of(&placed->hook));
	if (needs_flights(&placed->hook) && !--flying_count)
		pf_flight_forget();
	free_placed(placed);
}

/* Context: config_lock. */
static struct pf_placed *find(const struct pf_session *session, u32 id)
{
	u32 kind, i;

	for (kind = PF_CALL; kind < PF_KINDS; kind++) {
		const struct pf_table *t = own_table(kind);

		for (i = 0; t && i < t->count; i++)
			if (t->placed[i]->session == session && (!id || t->placed[i]->id == id))
				return t->placed[i];
	}
	return NULL;
}

int pf_table_remove(struct pf_session *session, u32 id)
{
	struct pf_placed *placed;

	mutex_lock(&config_lock);
	placed = id ? find(session, id) : NULL;
	if (placed)
		take_away(placed);
	mutex_unlock(&config_lock);
	return placed ? 0 : -ENOENT;
}

void pf_table_remove_all(struct pf_session *session)
{
	struct pf_placed *placed;

	mutex_lock(&config_lock);
	while ((placed = find(session, 0)))
		take_away(placed);
	mutex_unlock(&config_lock);
}

int pf_table_counts(struct pf_session *session, struct pf_counts *counts)
{
	const struct pf_placed *placed;
	struct pf_counts sum = { .hook = counts->hook };
	int cpu;

	mutex_lock(&config_lock);
	placed = counts->hook ? find(session, counts->hook) : NULL;
	if (placed) {
		for_each_possible_cpu(cpu)
		{
			const struct pf_counts *c = per_cpu_ptr(placed->counts, cpu);

			sum.matched += c->matched;
			sum.recorded += c->recorded;
			sum.dropped += c->dropped;
			sum.done += c->done;
			sum.failed += c->failed;
		}
	}
	mutex_unlock(&config_lock);
	if (!placed)
		return -ENOENT;
	*counts = sum;
	return 0;
}
