/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PF_HOOKS_H
#define PF_HOOKS_H

#include <linux/types.h>

struct file;
struct poll_table_struct;

/* Every init returns 0 or -errno and leaves nothing behind when it fails; all may sleep. */

/* ring.c: records on their way from the probes to the one reader. */
int pf_ring_init(void);
void pf_ring_exit(void);
/* Empties the ring and lets records in. Context: may sleep. */
void pf_ring_start(void);
/* Records are let in no more; what is inside stays. Context: may sleep. */
void pf_ring_stop(void);
/* A cheap look before a probe goes to any trouble. Context: any. */
bool pf_ring_wanted(void);
/*
 * Fills in a record's head and puts it in, or counts it as dropped; @record begins with struct
 * pf_record and is @length bytes, zero-padded to PF_RECORD_ALIGN.
 * Context: any but NMI; no scheduler lock may be held, because a reader is woken.
 */
void pf_ring_put(void *record, u16 type, u32 length);
/* As read(2), whole records only; -EMSGSIZE when not even one fits. Context: may sleep. */
ssize_t pf_ring_read(char __user *to, size_t size, bool wait);
/* Whether a read would return at once; registers with @table. Context: may sleep. */
bool pf_ring_poll(struct file *file, struct poll_table_struct *table);

/* device.c: /dev/photofinish. */
int pf_device_init(void);
void pf_device_exit(void);

/* probes.c: from the kernel's tracepoints to the functions below. */
int pf_probes_arm(void);
void pf_probes_disarm(void);

struct linux_binprm;
struct task_struct;

/* One file each; called by the tracepoint of that name, in process context with preemption off. */
void pf_on_exec(void *data, struct task_struct *task, pid_t old_pid, struct linux_binprm *bprm);
void pf_on_fork(void *data, struct task_struct *parent, struct task_struct *child);

#endif
