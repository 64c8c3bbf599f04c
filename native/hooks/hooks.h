/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of the module, and what they ask of each other. */
#ifndef PF_HOOKS_H
#define PF_HOOKS_H

#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/rcupdate.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "compat/signal.h"
#include "compat/tracepoints.h"
#include "photofinish_uapi.h"

struct file;
struct inode;
struct k_sigaction;
struct linux_binprm;
struct nsproxy;
struct pf_session;
struct pt_regs;
struct sockaddr;
struct socket;
struct subprocess_info;
struct task_struct;
struct vm_area_struct;

/* A hook that is in place. */
struct pf_placed {
	struct pf_hook hook;
	struct sock_filter *program;
	struct pf_session *session;
	struct pf_rings_state *rings; /* the session's */
	struct pf_counts __percpu *counts;
	atomic_t draws; /* of a lever: matches so far */
	u32 id;
	bool declares; /* parameters, so that arguments are its own and not the registers */
};

/* --- program.c: classic BPF over struct pf_view ------------------------------------------------ */

/* NULL, or why it may not run. Context: any. */
const char *pf_program_flaw(const struct sock_filter *program, u32 length);
/* What a program without a flaw returns. Context: any. */
u32 pf_program_run(const struct sock_filter *program, const struct pf_view *view);

/* --- rings.c: records on their way from probes to a session's reader --------------------------- */

struct pf_rings_state;

/* @data_bytes is a power of two from PF_RING_LEAST to PF_RING_MOST. NULL: no memory. Context: may sleep. */
struct pf_rings_state *pf_rings_new(u32 data_bytes);
/* Nobody writes any more. Context: may sleep. */
void pf_rings_free(struct pf_rings_state *rings);
u32 pf_rings_stride(const struct pf_rings_state *rings);
int pf_rings_map(struct pf_rings_state *rings, struct vm_area_struct *vma);
/*
 * Puts @record in, whose kind, flags and @length are filled in but not its time; false when it was
 * dropped, which the ring tells. Context: any but NMI.
 */
bool pf_rings_put(struct pf_rings_state *rings, struct pf_record *record, u32 length);
/* Whether there are records; if not, whoever waits at @rings is woken by the next. Context: any. */
bool pf_rings_wait(struct pf_rings_state *rings);
wait_queue_head_t *pf_rings_queue(struct pf_rings_state *rings);

/* --- session.c: /dev/photofinish ---------------------------------------------------------------- */

int pf_device_init(void);
void pf_device_exit(void);
struct pf_rings_state *pf_session_rings(struct pf_session *session);

/* --- table.c: the hooks that are in place ------------------------------------------------------ */

/* All three: 0 or -errno, with the reason in @why. Context: may sleep. */
int pf_table_add(struct pf_session *session, const struct pf_hook *hook,
		 struct sock_filter *program, const char **why);
int pf_table_remove(struct pf_session *session, u32 id);
int pf_table_counts(struct pf_session *session, struct pf_counts *counts);
void pf_table_remove_all(struct pf_session *session);
/* Whether hooks on calls are all gated, so that others need not be traced. Context: config_lock. */
bool pf_table_calls_are_gated(void);

/* Hooks of one kind, in order. Immutable; replaced as a whole under RCU. */
struct pf_table {
	u32 count;
	bool all_numbers;
	bool deeds;		       /* some hook has one */
	DECLARE_BITMAP(numbers, 1024); /* modulo */
	struct pf_placed *placed[];
};

extern struct pf_table __rcu *pf_tables[PF_KINDS]; /* table.c's */

/* Context: rcu_read_lock; the table is good until it is given back. */
static inline const struct pf_table *pf_table_of(enum pf_kind kind)
{
	return rcu_dereference(pf_tables[kind]);
}

static inline bool pf_table_wants(const struct pf_table *table, s32 number)
{
	return table && (table->all_numbers || test_bit((u32)number % 1024, table->numbers));
}

/* --- match.c: one hook and what happened ------------------------------------------------------- */

/* Whose event it is, and nothing else of the view. Context: any. */
void pf_view_whose(struct pf_view *view, struct task_struct *task);
/* The same, with all else as it is where a kind has nothing to say. Context: any. */
void pf_view_of(struct pf_view *view, struct task_struct *task);
/* Whose events it looks at: number, ABI, scope, name. Context: as the kind's probe; current's events. */
bool pf_concerns(const struct pf_placed *placed, const struct pf_view *view);
/* Of those, the ones that its program takes, which are counted. Context: the same. */
bool pf_passes(struct pf_placed *placed, const struct pf_view *view);
/* Records @length bytes that begin with struct pf_event, of which the view is filled in. */
void pf_record_event(struct pf_placed *placed, enum pf_kind kind, struct pf_event *event,
		     u32 length);
/* Hooks of kinds that are events and no more. */
void pf_tell(enum pf_kind kind, struct pf_event *event, u32 length);

/* --- probes.c: where the kernel calls us -------------------------------------------------------- */

enum pf_probe {
	PF_PROBE_CALL,
	PF_PROBE_RETURN,
	PF_PROBE_EXEC,
	PF_PROBE_FORK,
	PF_PROBE_BORN,
	PF_PROBE_EXIT,
	PF_PROBE_FREE,
	PF_PROBE_SIGNAL,
	/* By kprobes; a kernel may not have them. */
	PF_PROBE_NAMESPACE,
	PF_PROBE_HELPER_ASKED,
	PF_PROBE_HELPER_RUNS,
	PF_PROBE_OPEN,
	PF_PROBE_BIND,
	PF_PROBE_CONNECT,
	PF_PROBE_RELEASE,
	PF_PROBE_IOCTL,
	PF_PROBE_IOCTL_COMPAT,
	PF_PROBES,
};

int pf_probes_init(void);
void pf_probes_exit(void);
bool pf_probe_exists(enum pf_probe probe);
/* Each is counted, by bits of enum pf_probe; all or none. Context: may sleep. */
int pf_probes_take(u32 probes);
/* Afterwards none of those that nobody else has runs any more. Context: may sleep. */
void pf_probes_give(u32 probes);
/* Whether others than we look at system calls. Context: may sleep. */
bool pf_probes_others_trace_calls(void);

/* --- kinds.c ------------------------------------------------------------------------------------ */

/* By bits of enum pf_probe, those that are there to be taken. Context: any. */
u32 pf_kind_probes(u32 kind);
/* What this kernel has not got that the kind needs; NULL: nothing. Context: any. */
const char *pf_kind_flaw(u32 kind);
/* Those without a flaw, bit by enum pf_kind. Context: any. */
u64 pf_kinds(void);

/* --- scope.c ------------------------------------------------------------------------------------ */

int pf_scope_init(void);
void pf_scope_exit(void);
/*
 * For a hook with these flags; PF_SCOPE_ANYHOW: for some hook there may be. Context: any; of current, or of a task
 * that cannot run meanwhile.
 */
#define PF_SCOPE_ANYHOW (PF_SCOPE_KEPT | PF_SCOPE_HELPERS)
bool pf_in_scope(struct task_struct *task, u32 flags);
bool pf_scope_exists(void);
/* The first gated hook is there, with its probes; or the last one is about to go. Context: any. */
void pf_scope_watch(bool yes);
/* It calls setns(2), or ends. */
void pf_scope_may_leave(struct task_struct *task);
/* Which tasks' calls are traced, after hooks on calls have changed. Context: may sleep. */
void pf_scope_apply(bool calls_are_gated);
/* Out of scope, current makes a call that is traced all the same. Context: its probe. */
void pf_scope_lets_go(void);
/* Whether nobody out of scope is of interest to hooks on calls. Context: any. */
bool pf_scope_is_gated(void);
/* Of current, and not yet run. */
void pf_scope_born(struct task_struct *child);
void pf_scope_freed(struct task_struct *task);
void pf_scope_moves(struct task_struct *task, const struct nsproxy *to);
void pf_scope_asks_helper(const struct subprocess_info *helper);
void pf_scope_runs_helper(const void *helper);

/* --- calls.c, flight.c -------------------------------------------------------------------------- */

/* What is remembered of a call between its beginning and its end. */
struct pf_flight {
	struct task_struct *task;   /* whose it is; NULL: the place is free */
	const struct mm_struct *mm; /* its memory: another at the end is another program's */
	unsigned long ip;	    /* behind it: another at the end is that of other registers */
	s32 number;
	u32 abi;
	int error;		      /* that it fails with, as it was skipped; 0: it was not */
	u8 changed;		      /* arguments that are to be what they were, by place */
	unsigned long raw[PF_PLACES]; /* as the kernel used them */
	unsigned long before[PF_PLACES];
	u16 at[PF_PLACES]; /* in bytes from the registers' beginning */
	struct {
		bool noted;
		u32 command, rdev, device, mode;
		u64 argument, inode;
	} asked; /* of an ioctl, once the kernel has its file */
};

/* @child's registers are a copy of current's, in the middle of its call; it has not yet run. Context: as its probe. */
void pf_call_born(struct task_struct *child);

int pf_flight_init(void);
void pf_flight_exit(void);
/* Both of current. NULL: there is no room; there is none. Context: process. */
struct pf_flight *pf_flight_begin(struct pt_regs *regs);
struct pf_flight *pf_flight_find(void);
void pf_flight_end(struct pf_flight *flight);
/* Context: any; of another task it may be over by then. */
bool pf_flight_exists(struct task_struct *task);
/* No probe is left that would end them: their tasks may be gone, and their addresses others'. */
void pf_flight_forget(void);

/* --- levers.c ------------------------------------------------------------------------------------- */

struct pf_pending;

/* What levers of the hooks on one event come to. */
struct pf_lever {
	u32 deeds; /* bit by enum pf_deed; 0: nothing below counts, or is set */
	s32 nice;
	u64 hold_ns;
	struct pf_pending *pending; /* NULL: nothing is left to be done on the way back */
};

bool pf_lever_is(const struct pf_hook *hook);
static inline void pf_lever_begin(struct pf_lever *lever)
{
	lever->deeds = 0;
}
/*
 * A lever's hook has matched: what its seed says of that is added to @lever, to be pulled here if the
 * probe may sleep, else on current's way back to user mode. Counts what becomes of it. Context: preemption
 * off.
 */
void pf_lever_draw(struct pf_placed *placed, struct pf_lever *lever, bool may_sleep);
void pf_lever_pull_drawn(const struct pf_lever *lever);
/* All hooks have looked. Context: may sleep if the draws said so. */
static inline void pf_lever_pull(const struct pf_lever *lever)
{
	if (unlikely(lever->deeds))
		pf_lever_pull_drawn(lever);
}

/* --- ioctls.c: context as the probes of calls ------------------------------------------------------ */

/* There was no room to remember who is asked by current's call. */
void pf_ioctl_is_lost(const struct pf_view *view);
void pf_ioctl_ends(const struct pf_flight *flight, s64 result);

/* --- files.c ------------------------------------------------------------------------------------- */

int pf_files_init(void);
void pf_files_exit(void);

/* --- probes' functions --------------------------------------------------------------------------
 * Tracepoints of these names. Context: process with preemption off, but that from 6.13 on the first two
 * may be preempted; the signal's with the siglock and interrupts off.
 */
void pf_on_call(void *data, struct pt_regs *regs, long number);
void pf_on_return(void *data, struct pt_regs *regs, long result);
void pf_on_exec(void *data, struct task_struct *task, pid_t old_pid, struct linux_binprm *bprm);
void pf_on_fork(void *data, struct task_struct *parent, struct task_struct *child);
void pf_on_born(PF_BORN_ARGUMENTS);
void pf_on_exit(PF_EXIT_ARGUMENTS);
void pf_on_free(void *data, struct task_struct *task);
void pf_on_signal(void *data, int signal, struct pf_siginfo *info, struct k_sigaction *action);

/* Of kprobes. Context: process, at a function's first instruction; preemption off. */
void pf_on_open(struct file *file);
void pf_on_address(enum pf_kind kind, struct socket *sock, const struct sockaddr *address,
		   int length);
void pf_on_release(struct inode *inode);
void pf_on_ioctl(const struct file *file, unsigned int command, unsigned long argument);

#endif
