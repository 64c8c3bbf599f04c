// SPDX-License-Identifier: GPL-2.0
/*
 * Where the kernel calls us: tracepoints, found by name because their symbols are exported on some
 * kernels only, and kprobes where there is no tracepoint. Each is armed while a hook needs it, so an
 * idle module costs nothing.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/nsproxy.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "arch/arch.h"
#include "compat/kprobes.h"
#include "compat/levers.h"
#include "compat/lockdep.h"
#include "hooks.h"

static char *lacking;
module_param(lacking, charp, 0400);
MODULE_PARM_DESC(lacking, "for tests: name of a tracepoint or function that counts as not there");

struct probe {
	const char *tracepoint_name;
	void *function;
	const char *symbol; /* of the function, for a kprobe */
	void (*look)(const struct pt_regs *regs);
	struct tracepoint *tracepoint; /* set once found */
	struct kprobe kprobe;
	bool exists;
	u32 users;
};

/* --- what kprobes look at. Context of all: process, in the function's first instruction; preemption off. */

static void look_at_namespace(const struct pt_regs *regs)
{
	pf_scope_moves((struct task_struct *)pf_kernel_argument(regs, 0),
		       (const struct nsproxy *)pf_kernel_argument(regs, 1));
}

static void look_at_helper_asked(const struct pt_regs *regs)
{
	pf_scope_asks_helper((const struct subprocess_info *)pf_kernel_argument(regs, 0));
}

static void look_at_helper_runs(const struct pt_regs *regs)
{
	pf_scope_runs_helper((const void *)pf_kernel_argument(regs, 0));
}

static void look_at_open(const struct pt_regs *regs)
{
	pf_on_open((struct file *)pf_kernel_argument(regs, 0));
}

static void look_at_address(enum pf_kind kind, const struct pt_regs *regs)
{
	pf_on_address(kind, (struct socket *)pf_kernel_argument(regs, 0),
		      (const struct sockaddr *)pf_kernel_argument(regs, 1),
		      pf_kernel_argument(regs, 2));
}

static void look_at_bind(const struct pt_regs *regs)
{
	look_at_address(PF_BIND, regs);
}

static void look_at_connect(const struct pt_regs *regs)
{
	look_at_address(PF_CONNECT, regs);
}

static void look_at_release(const struct pt_regs *regs)
{
	pf_on_release((struct inode *)pf_kernel_argument(regs, 0));
}

static void look_at_ioctl(const struct pt_regs *regs)
{
	pf_on_ioctl((const struct file *)pf_kernel_argument(regs, 0), pf_kernel_argument(regs, 1),
		    pf_kernel_argument(regs, 2));
}

/*
 * Every function that is probed may sleep: whoever calls it holds no lock, and is inside of no seqcount's
 * change, that a look could wait for.
 */
static int on_kprobe(struct kprobe *kprobe, struct pt_regs *regs)
{
	pf_lockdep_off();
	container_of(kprobe, struct probe, kprobe)->look(regs);
	pf_lockdep_on();
	return pf_kprobe_done(kprobe, regs);
}

static struct probe probes[PF_PROBES] = {
	[PF_PROBE_CALL] = { "sys_enter", pf_on_call },
	[PF_PROBE_RETURN] = { "sys_exit", pf_on_return },
	[PF_PROBE_EXEC] = { "sched_process_exec", pf_on_exec },
	[PF_PROBE_FORK] = { "sched_process_fork", pf_on_fork },
	/* All new tasks; the one above says nothing of those that the kernel makes for io_uring. */
	[PF_PROBE_BORN] = { "task_newtask", pf_on_born },
	[PF_PROBE_EXIT] = { "sched_process_exit", pf_on_exit },
	[PF_PROBE_FREE] = { "sched_process_free", pf_on_free },
	[PF_PROBE_SIGNAL] = { "signal_deliver", pf_on_signal },
	[PF_PROBE_NAMESPACE] = { .symbol = "switch_task_namespaces", .look = look_at_namespace },
	[PF_PROBE_HELPER_ASKED] = { .symbol = "call_usermodehelper_exec",
				    .look = look_at_helper_asked },
	[PF_PROBE_HELPER_RUNS] = { .symbol = "call_usermodehelper_exec_async",
				   .look = look_at_helper_runs },
	[PF_PROBE_OPEN] = { .symbol = "security_file_open", .look = look_at_open },
	[PF_PROBE_BIND] = { .symbol = "security_socket_bind", .look = look_at_bind },
	[PF_PROBE_CONNECT] = { .symbol = "security_socket_connect", .look = look_at_connect },
	[PF_PROBE_RELEASE] = { .symbol = "sock_close", .look = look_at_release },
	[PF_PROBE_IOCTL] = { .symbol = "security_file_ioctl", .look = look_at_ioctl },
	/* Of its own since 6.8 (f1bb47a31dff). */
	[PF_PROBE_IOCTL_COMPAT] = { .symbol = "security_file_ioctl_compat", .look = look_at_ioctl },
};

static DEFINE_MUTEX(probes_lock); /* guards users and what is armed; innermost of the mutexes */

static bool is_lacking(const char *name)
{
	return lacking && !strcmp(lacking, name);
}

static void look_at(struct tracepoint *tracepoint, void *unused)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (probes[i].tracepoint_name && !is_lacking(tracepoint->name) &&
		    !strcmp(tracepoint->name, probes[i].tracepoint_name))
			probes[i].tracepoint = tracepoint;
}

static int register_function(struct probe *p, u32 flags)
{
	/* What an earlier registration left in it must not be there. */
	memset(&p->kprobe, 0, sizeof(p->kprobe));
	p->kprobe.symbol_name = p->symbol;
	p->kprobe.pre_handler = on_kprobe;
	p->kprobe.flags = flags;
	return register_kprobe(&p->kprobe);
}

static int arm(struct probe *p)
{
	if (p->tracepoint)
		return tracepoint_probe_register(p->tracepoint, p->function, NULL);
	return register_function(p, 0);
}

static void disarm(struct probe *p)
{
	if (p->tracepoint)
		tracepoint_probe_unregister(p->tracepoint, p->function, NULL);
	else
		unregister_kprobe(&p->kprobe); /* waits for those that run */
}

/* Whether there is such a function can only be tried; its first instruction is read before a probe is put there. */
static bool try_kprobe(struct probe *p)
{
	bool safe;

	if (is_lacking(p->symbol) || register_function(p, KPROBE_FLAG_DISABLED))
		return false;
	safe = pf_kprobe_is_safe(&p->kprobe);
	unregister_kprobe(&p->kprobe);
	return safe;
}

int pf_probes_init(void)
{
	int missing = 0;
	size_t i;

	for_each_kernel_tracepoint(look_at, NULL);
	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		struct probe *p = &probes[i];

		p->exists = p->tracepoint || (p->symbol && try_kprobe(p));
		if (p->exists || p->symbol)
			continue;
		pr_err("photofinish: this kernel has no tracepoint %s: CONFIG_TRACEPOINTS%s is "
		       "needed\n",
		       p->tracepoint_name,
		       strncmp(p->tracepoint_name, "sys_", 4)
			       ? ""
			       : " and CONFIG_HAVE_SYSCALL_TRACEPOINTS");
		missing++;
	}
	return missing ? -ENODEV : 0;
}

void pf_probes_exit(void)
{
	/* Sessions are closed, so nothing is armed; who has just left a probe, or was held, may still be in it. */
	pf_wait_for_leavers();
}

bool pf_probe_exists(enum pf_probe probe)
{
	return probes[probe].exists;
}

/* Context: probes_lock. */
static void give(u32 given)
{
	bool any = false;
	int i;

	for (i = PF_PROBES - 1; i >= 0; i--) {
		if (!(given & BIT(i)) || --probes[i].users)
			continue;
		disarm(&probes[i]);
		any = true;
	}
	if (any)
		pf_wait_for_probes();
}

int pf_probes_take(u32 taken)
{
	int i, err = 0;

	mutex_lock(&probes_lock);
	for (i = 0; i < PF_PROBES && !err; i++) {
		if (!(taken & BIT(i)))
			continue;
		if (!probes[i].users)
			err = arm(&probes[i]);
		if (!err)
			probes[i].users++;
	}
	if (err)
		give(taken & (BIT(i - 1) - 1));
	mutex_unlock(&probes_lock);
	return err;
}

void pf_probes_give(u32 given)
{
	mutex_lock(&probes_lock);
	give(given);
	mutex_unlock(&probes_lock);
}

static bool has_others(const struct probe *p)
{
	const struct tracepoint_func *f;
	bool others = false;

	rcu_read_lock_sched();
	f = rcu_dereference_sched(p->tracepoint->funcs);
	for (; f && f->func; f++)
		others = others || f->func != p->function;
	rcu_read_unlock_sched();
	return others;
}

bool pf_probes_others_trace_calls(void)
{
	return has_others(&probes[PF_PROBE_CALL]) || has_others(&probes[PF_PROBE_RETURN]);
}
