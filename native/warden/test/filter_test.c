// SPDX-License-Identifier: Apache-2.0
/* The filter program, run by an interpreter of classic BPF over every combination that matters. */
#include "filter.h"
#include "profile/compile.h"

#include "golden.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#define REFUSED(e) (SECCOMP_RET_ERRNO | (e))
#define NOTIFY	   SECCOMP_RET_USER_NOTIF
#define ALLOW	   SECCOMP_RET_ALLOW

static const struct arch_ops two_tables = {
	.name = "test",
	.audit = AUDIT_ARCH_X86_64,
	.alien_bit = 0x40000000,
	.execve = 59,
	.execveat = 322,
	.fork = 57,
	.vfork = 58,
	.clone = 56,
	.clone3 = 435,
	.seccomp = 317,
};
static const struct arch_ops few_calls = {
	.name = "few",
	.audit = AUDIT_ARCH_AARCH64,
	.execve = 221,
	.execveat = 281,
	.fork = ARCH_ABSENT,
	.vfork = ARCH_ABSENT,
	.clone = 220,
	.clone3 = 435,
};

static uint32_t jump(const struct sock_filter *i, uint32_t a)
{
	switch (BPF_OP(i->code)) {
	case BPF_JEQ:
		return a == i->k ? i->jt : i->jf;
	case BPF_JSET:
		return a & i->k ? i->jt : i->jf;
	case BPF_JGT:
		return a > i->k ? i->jt : i->jf;
	case BPF_JGE:
		return a >= i->k ? i->jt : i->jf;
	case BPF_JA:
		return i->k;
	default:
		abort();
	}
}

static uint32_t interpret(const struct filter *f, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (uint32_t pc = 0; pc < f->length; pc++) {
		const struct sock_filter *i = &f->code[pc];

		if (i->code == (BPF_RET | BPF_K))
			return i->k;
		if (i->code == (BPF_LD | BPF_W | BPF_ABS) && i->k <= sizeof(*data) - 4 &&
		    i->k % 4 == 0)
			memcpy(&a, (const char *)data + i->k, sizeof(a));
		else if (BPF_CLASS(i->code) == BPF_JMP)
			pc += jump(i, a);
		else if (i->code == (BPF_ALU | BPF_AND | BPF_K))
			a &= i->k;
		else if (i->code == (BPF_ALU | BPF_XOR | BPF_K))
			a ^= i->k;
		else
			abort(); /* what the kernel would not load */
	}
	abort();
}

static struct filter filter;

static uint32_t run(uint32_t audit, int number, uint64_t first)
{
	struct seccomp_data data = { .nr = number, .arch = audit, .args = { first, ~0ull, ~0ull } };

	return interpret(&filter, &data);
}

static uint32_t run_seccomp(uint64_t flags)
{
	struct seccomp_data data = { .nr = two_tables.seccomp,
				     .arch = AUDIT_ARCH_X86_64,
				     .args = { SECCOMP_SET_MODE_FILTER, flags, ~0ull } };

	return interpret(&filter, &data);
}

static uint32_t call(int number, uint64_t first)
{
	return run(AUDIT_ARCH_X86_64, number, first);
}

static void test_tracked(void)
{
	ok(filter_build(&two_tables, NULL, FORKS_TRACKED, NOTIFY, &filter) == 0,
	   "builds, %u instructions", filter.length);
	ok(call(59, 0) == NOTIFY && call(322, 0) == NOTIFY, "execve and execveat are asked about");
	ok(call(57, 0) == NOTIFY && call(58, 0) == NOTIFY, "fork and vfork are asked about");
	ok(call(56, 17) == NOTIFY, "clone as fork is asked about");
	ok(call(56, CLONE_VM | CLONE_VFORK | 17) == NOTIFY, "clone as vfork is asked about");
	ok(call(56, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD) == ALLOW, "a thread is not");
	ok(call(56, CLONE_UNTRACED | 17) == REFUSED(EPERM), "CLONE_UNTRACED is refused");
	ok(call(56, CLONE_UNTRACED | CLONE_VM | CLONE_SIGHAND | CLONE_THREAD) == REFUSED(EPERM),
	   "CLONE_UNTRACED is refused for threads too");
	ok(call(56, ((uint64_t)CLONE_THREAD << 32) | 17) == NOTIFY,
	   "flags in the upper half, which the kernel ignores, do not make a thread");
	ok(call(56, ((uint64_t)1 << 63) | CLONE_UNTRACED) == REFUSED(EPERM),
	   "nor hide CLONE_UNTRACED");
	ok(call(435, 0) == REFUSED(ENOSYS), "clone3 does not exist");
	ok(call(0, 0) == ALLOW && call(231, CLONE_UNTRACED) == ALLOW, "other calls are allowed");
}

static void test_aliens(void)
{
	static const int numbers[] = { 0, 56, 57, 58, 59, 322, 435, 11 };
	bool x32 = true, i386 = true;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		x32 = x32 && call(numbers[i] | 0x40000000, 0) == REFUSED(ENOSYS);
		i386 = i386 && run(AUDIT_ARCH_I386, numbers[i], 0) == REFUSED(ENOSYS);
	}
	ok(x32, "numbers of the x32 table do not exist");
	ok(i386, "calls of another ABI do not exist");
	ok(call(-1, 0) == REFUSED(ENOSYS), "number -1 is not allowed by accident");
}

static void test_looser(void)
{
	ok(filter_build(&two_tables, NULL, FORKS_SEEN, NOTIFY, &filter) == 0,
	   "the lazy one builds");
	ok(call(56, CLONE_UNTRACED | 17) == NOTIFY && call(435, 0) == NOTIFY,
	   "it asks and refuses nothing");
	ok(filter_build(&two_tables, NULL, FORKS_FREE, NOTIFY, &filter) == 0,
	   "the one without tracking builds");
	ok(call(56, 17) == ALLOW && call(57, 0) == ALLOW && call(435, 0) == ALLOW &&
		   call(59, 0) == NOTIFY,
	   "it asks about exec alone");
	ok(run(AUDIT_ARCH_I386, 11, 0) == REFUSED(ENOSYS), "other ABIs stay closed");
}

static void test_traced(void)
{
	ok(filter_build(&two_tables, NULL, FORKS_TRACKED, SECCOMP_RET_TRACE, &filter) == 0,
	   "the one that asks a tracer builds, %u instructions", filter.length);
	ok(call(59, 0) == SECCOMP_RET_TRACE && call(322, 0) == SECCOMP_RET_TRACE &&
		   call(57, 0) == SECCOMP_RET_TRACE && call(58, 0) == SECCOMP_RET_TRACE &&
		   call(56, 17) == SECCOMP_RET_TRACE,
	   "it asks about the same calls");
	ok(call(56, CLONE_UNTRACED | 17) == REFUSED(EPERM) && call(435, 0) == REFUSED(ENOSYS) &&
		   run(AUDIT_ARCH_I386, 11, 0) == REFUSED(ENOSYS) && call(0, 0) == ALLOW,
	   "and refuses and allows the same ones");
	ok(run_seccomp(SECCOMP_FILTER_FLAG_NEW_LISTENER) == REFUSED(EBUSY) &&
		   run_seccomp(~0ull) == REFUSED(EBUSY),
	   "a listener, which would be asked in our stead, cannot be had");
	ok(run_seccomp(0) == ALLOW && run_seccomp(SECCOMP_FILTER_FLAG_TSYNC) == ALLOW &&
		   run_seccomp((uint64_t)SECCOMP_FILTER_FLAG_NEW_LISTENER << 32) == ALLOW,
	   "other filters can");
	ok(filter_build(&two_tables, NULL, FORKS_TRACKED, NOTIFY, &filter) == 0 &&
		   run_seccomp(SECCOMP_FILTER_FLAG_NEW_LISTENER) == ALLOW,
	   "beside a listener of ours the kernel itself refuses another");
}

static void test_other_arches(void)
{
	ok(filter_build(&few_calls, NULL, FORKS_TRACKED, NOTIFY, &filter) == 0,
	   "builds without fork and vfork");
	ok(run(AUDIT_ARCH_AARCH64, 220, 17) == NOTIFY && run(AUDIT_ARCH_AARCH64, 221, 0) == NOTIFY,
	   "its own numbers are asked about");
	ok(run(AUDIT_ARCH_AARCH64, -1, 0) == ALLOW, "an absent call matches no number by accident");
	ok(filter_build(&arch, NULL, FORKS_TRACKED, NOTIFY, &filter) == 0 &&
		   arch.execve == SYS_execve && run(arch.audit, SYS_execve, 0) == NOTIFY,
	   "this machine's table builds");
}

static struct policy policy;

static uint32_t run_two(int number, uint64_t first, uint64_t second)
{
	struct seccomp_data data = { .nr = number,
				     .arch = AUDIT_ARCH_X86_64,
				     .args = { first, second } };

	return interpret(&filter, &data);
}

static void test_policy(void)
{
	struct policy_error error;
	const uint64_t dirt = 0xdeadbeef00000000u;

	ok(policy_load(golden_kernel_decides, sizeof(golden_kernel_decides), &policy, &error) ==
			   0 &&
		   filter_build(&two_tables, &policy, FORKS_TRACKED, NOTIFY, &filter) == 0,
	   "a policy goes before the warden's part, %u instructions", filter.length);
	ok(run_two(140, 0, 5) == REFUSED(EXDEV) && run_two(140, dirt, dirt | 5) == REFUSED(EXDEV) &&
		   run_two(140, 0, (uint32_t)-7) == REFUSED(EDOM) && run_two(140, 1, 6) == ALLOW,
	   "it decides as far as it can");
	ok(call(59, 0) == NOTIFY && call(57, 0) == NOTIFY && call(435, 0) == REFUSED(ENOSYS) &&
		   call(56, CLONE_UNTRACED) == REFUSED(EPERM) && call(0, 0) == ALLOW,
	   "what it lets pass still comes to the warden's part");
	ok(call(140 | 0x40000000, 0) == REFUSED(ENOSYS) &&
		   run(AUDIT_ARCH_I386, 140, 0) == REFUSED(ENOSYS),
	   "and other ABIs stay closed");
	ok(policy_load(golden_deep_open, sizeof(golden_deep_open), &policy, &error) == 0 &&
		   filter_build(&two_tables, &policy, FORKS_FREE, SECCOMP_RET_TRACE, &filter) ==
			   0 &&
		   call(257, 0) == SECCOMP_RET_TRACE && call(2, 0) == SECCOMP_RET_TRACE &&
		   call(425, 0) == REFUSED(EPERM) && call(3, 0) == ALLOW,
	   "what it leaves open is asked by whatever the backend asks by");
	ok(filter_build(&few_calls, &policy, FORKS_FREE, NOTIFY, &filter) == -EINVAL,
	   "a policy for another arch is refused");
}

/* Of a profile whose files Landlock sees to: whether the warden is asked about an open. */
static bool asks_of_open(int landlock, int number, unsigned place, uint64_t flags)
{
	static const char text[] = "[syscalls]\nallow = ['open', 'openat', 'openat2', 'creat', "
				   "'mkdir', 'sendto']\n";
	static struct policy asks;
	struct seccomp_data data = { .nr = number, .arch = arch.audit, .args = { ~0ull, ~0ull } };
	struct profile_error error;
	struct rules rules = { 0 };
	struct profile p;
	char why[256];

	if (profile_read(text, strlen(text), &p, &error) || rules_take(&p, &rules) ||
	    profile_compile(&p, &rules, landlock, &asks, &filter, why, sizeof(why)))
		abort();
	filter.length = (unsigned short)asks.instructions;
	memcpy(filter.code, asks.program, asks.instructions * sizeof(*asks.program));
	data.args[place] = flags;
	rules_free(&rules);
	profile_free(&p);
	return interpret(&filter, &data) == POLICY_RET_ASK;
}

static void test_landlocked(void)
{
	enum { WITHOUT_TRUNCATION = 2, WITH_TRUNCATION = 3 }; /* ABIs, landlock(7) */
	unsigned wrong = 0;

	for (int abi = WITHOUT_TRUNCATION; abi <= WITH_TRUNCATION; abi++) {
		wrong += !asks_of_open(abi, SYS_open, 1, O_ACCMODE);
		wrong += !asks_of_open(abi, SYS_openat, 2, O_ACCMODE | O_CLOEXEC);
		wrong += !asks_of_open(abi, SYS_openat, 2, O_ACCMODE | O_TRUNC);
		wrong += !asks_of_open(abi, SYS_openat2, 2, 0);
		wrong += asks_of_open(abi, SYS_creat, 1, O_ACCMODE);
		wrong += asks_of_open(abi, SYS_mkdir, 1, O_ACCMODE);
		for (int mode = O_RDONLY; mode <= O_RDWR; mode++)
			wrong += asks_of_open(abi, SYS_openat, 2, (unsigned)mode | O_CREAT);
		wrong += asks_of_open(abi, SYS_open, 1, O_WRONLY | O_TRUNC);
	}
	ok(!wrong, "opens of no access mode that Landlock knows are asked about");
	ok(asks_of_open(WITHOUT_TRUNCATION, SYS_open, 1, O_RDONLY | O_TRUNC) &&
		   !asks_of_open(WITH_TRUNCATION, SYS_open, 1, O_RDONLY | O_TRUNC),
	   "and, of a Landlock that does not see it, emptying by who only reads");
}

int main(void)
{
	test_policy();
	test_tracked();
	test_aliens();
	test_looser();
	test_traced();
	test_other_arches();
	test_landlocked();
	return tap_done();
}
