// SPDX-License-Identifier: Apache-2.0
#include "filter.h"

#include "filter-emit.h"
#include "flaws.h"

#include <errno.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>

#define SECCOMP_FLAGS_ARG 1u

/* A thread needs no question: it is found in its group's /proc/<pid>/task. */
static void build_clone(const struct arch_ops *ops, enum filter_forks forks, struct filter *f)
{
	unsigned short skip = f->length;

	emit(f,
	     (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)ops->clone, 0, 0));
	load_low(f, ops->clone_flags_arg);
	if (forks == FORKS_TRACKED && !flaw_is(FLAW_UNTRACED))
		give_if_set(f, CLONE_UNTRACED, RET_ERRNO(EPERM));
	give_if_set(f, CLONE_THREAD, SECCOMP_RET_ALLOW);
	give(f, f->ask);
	if (!f->overflow)
		f->code[skip].jf = (uint8_t)(f->length - skip - 1);
}

static void build_forks(const struct arch_ops *ops, enum filter_forks forks, struct filter *f)
{
	if (forks == FORKS_FREE)
		return;
	give_if_number(f, ops->fork, f->ask);
	give_if_number(f, ops->vfork, f->ask);
	/* Its flags lie in memory that may change after the check; every libc falls back to clone.
	 */
	if (forks == FORKS_TRACKED)
		give_if_number(f, ops->clone3, RET_ERRNO(ENOSYS));
	else
		give_if_number(f, ops->clone3, f->ask);
	build_clone(ops, forks, f);
}

/*
 * Another filter's USER_NOTIF would be done in our TRACE's stead, and its listener could let
 * through what we are to be asked about. The kernel itself allows no second listener.
 */
static void build_listener_ban(const struct arch_ops *ops, struct filter *f)
{
	unsigned short skip = f->length;

	emit(f,
	     (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)ops->seccomp, 0, 0));
	load_low(f, SECCOMP_FLAGS_ARG);
	give_if_set(f, SECCOMP_FILTER_FLAG_NEW_LISTENER, RET_ERRNO(EBUSY));
	load_number(f);
	if (!f->overflow)
		f->code[skip].jf = (uint8_t)(f->length - skip - 1);
}

static void begin(struct filter *f, uint32_t ask)
{
	f->ask = ask;
	f->length = 0;
	f->overflow = false;
	f->asks_sendmsg = false;
}

/* One instruction becomes one, so no jump inside has to be changed. */
static void put_policy(const struct policy *p, struct filter *f)
{
	for (uint32_t i = 0; i < p->instructions; i++) {
		struct sock_filter code = p->program[i];

		if (code.code == (BPF_RET | BPF_K) && code.k == SECCOMP_RET_ALLOW)
			code = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA,
							    p->instructions - i - 1);
		else if (code.code == (BPF_RET | BPF_K) && code.k == POLICY_RET_ASK)
			code.k = f->ask;
		emit(f, code);
	}
}

int filter_build(const struct arch_ops *ops, const struct policy *policy, enum filter_forks forks,
		 uint32_t ask, struct filter *out)
{
	begin(out, ask);
	if (policy && policy->audit != ops->audit)
		return -EINVAL;
	if (policy)
		put_policy(policy, out);
	out->asks_sendmsg = policy && policy_asks(policy, SYS_sendmsg);
	/* Another ABI has other numbers: none of its calls may slip past as a harmless one. */
	load(out, offsetof(struct seccomp_data, arch));
	give_unless_equal(out, ops->audit, RET_ERRNO(ENOSYS));
	load_number(out);
	if (ops->alien_bit)
		give_if_set(out, ops->alien_bit, RET_ERRNO(ENOSYS));
	if (ask == SECCOMP_RET_TRACE)
		build_listener_ban(ops, out);
	give_if_number(out, ops->execve, ask);
	give_if_number(out, ops->execveat, ask);
	build_forks(ops, forks, out);
	give(out, SECCOMP_RET_ALLOW);
	return out->overflow ? -E2BIG : 0;
}

int filter_let_foreign_pass(const struct arch_ops *ops, struct filter *f)
{
	static struct filter head;

	begin(&head, f->ask);
	load(&head, offsetof(struct seccomp_data, arch));
	give_unless_equal(&head, ops->audit, SECCOMP_RET_ALLOW);
	load_number(&head);
	if (ops->alien_bit)
		give_if_set(&head, ops->alien_bit, SECCOMP_RET_ALLOW);
#ifdef SYS_socketcall
	give_if_number(&head, SYS_socketcall, SECCOMP_RET_ALLOW);
#endif
	if (f->length + head.length > FILTER_MAX)
		return -E2BIG;
	memmove(f->code + head.length, f->code, f->length * sizeof(*f->code));
	memcpy(f->code, head.code, head.length * sizeof(*f->code));
	f->length = (unsigned short)(f->length + head.length);
	return 0;
}

int filter_build_single(int number, uint32_t ask, struct filter *out)
{
	begin(out, ask);
	load_number(out);
	give_if_number(out, number, ask);
	give(out, SECCOMP_RET_ALLOW);
	return out->overflow ? -E2BIG : 0;
}
