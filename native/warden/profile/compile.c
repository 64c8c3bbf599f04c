// SPDX-License-Identifier: Apache-2.0
#include "compile.h"

#include "../arch/arch.h"
#include "../filter-emit.h"
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

/* More values of arguments than a program has use for; each takes up to seven instructions. */
#define VALUES_MOST 512u
#define VALUE_ARGS  3u
/* So many are looked for one after the other, where a search would cost as much. */
#define RANGE_LINEAR 8u

/* The ABI from which Landlock sees truncation (landlock(7)). */
#define LANDLOCK_TRUNCATES 3

/* One call that is listed: whole, or with values of its deciding arguments. */
struct listed {
	int number;
	bool whole;
	unsigned first, count; /* in values, when it is not whole */
};

struct table {
	unsigned count, values;
	struct listed call[POLICY_MAX_CALLS];
	uint32_t value[VALUES_MOST][VALUE_ARGS];
	int highest; /* number that our headers have */
};

/*
 * Whoever may do that can be held to nothing else: names would mean other files, no filter would see,
 * or another process would do it for him (which Landlock forbids as well), the kernel itself would be
 * another, write files of its own accord, or give away those that others open.
 */
static const char *const beyond[] = {
	"ptrace",
	"process_vm_writev",
	"pidfd_getfd",
	"open_by_handle_at",
	"chroot",
	"setns",
	"fsopen",
	"fspick",
	"fsmount",
	"fsconfig",
	"open_tree",
	"mount_setattr",
	"socketcall",
	"ipc",
	"io_uring_enter",
	"io_uring_register",
	"init_module",
	"finit_module",
	"kexec_load",
	"kexec_file_load",
	"bpf",
	"iopl",
	"ioperm",
	"acct",
	"swapon",
	"swapoff",
	"fanotify_init",
	NULL,
};

/* The kernel's own, or the end. */
static const char *const always[] = {
	"exit",	  "exit_group", "rt_sigreturn", "sigreturn", "restart_syscall",
	"execve", "execveat",	NULL,
};

static bool is_one_of(const char *const *names, const char *name)
{
	while (*names && strcmp(*names, name))
		names++;
	return *names;
}

static int refuse(char *why, size_t size, const char *entry, const char *reason)
{
	snprintf(why, size, "syscalls.allow: %.64s: %s", entry, reason);
	return -EINVAL;
}

/* Where it is, or is to be. */
static unsigned place_of(const struct table *t, int number)
{
	unsigned low = 0, high = t->count;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;

		if (t->call[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_listed(const struct table *t, int number)
{
	unsigned at = place_of(t, number);

	return at < t->count && t->call[at].number == number;
}

static struct listed *list(struct table *t, int number)
{
	unsigned at = place_of(t, number);

	if (is_listed(t, number))
		return &t->call[at];
	if (t->count == POLICY_MAX_CALLS)
		return NULL;
	memmove(&t->call[at + 1], &t->call[at], (t->count - at) * sizeof(*t->call));
	t->call[at] = (struct listed){ .number = number };
	t->count++;
	return &t->call[at];
}

static unsigned deciding_count(const struct call_form *form)
{
	return form && form->kind == CALL_DECIDED ? (unsigned)__builtin_popcount(form->deciding)
						  : 0;
}

/* ":0x5401" and so on, as read.c has found them to be. */
static unsigned take_values(const char *text, uint32_t out[VALUE_ARGS])
{
	unsigned n = 0;

	for (; *text; n++) {
		char *end;
		unsigned long value = strtoul(text + 1, &end, 16);

		if (n < VALUE_ARGS)
			out[n] = (uint32_t)value;
		text = end;
	}
	return n;
}

static int take_entry(struct table *t, const char *entry, char *why, size_t size)
{
	size_t n = strcspn(entry, ":");
	const struct call_form *form;
	uint32_t values[VALUE_ARGS];
	struct listed *l;
	unsigned given;
	char name[64];
	int number;

	snprintf(name, sizeof(name), "%.*s", (int)n, entry);
	number = call_number(name);
	if (number < 0)
		return refuse(
			why, size, entry,
			"this warden does not know the call, so it cannot hold anybody to it");
	form = call_form(number);
	if (is_one_of(beyond, name) || (form && form->kind == CALL_REFUSED))
		return refuse(
			why, size, entry,
			"who may do that cannot be held to anything else: it leads to other "
			"files under the same names, past every filter, into other processes, or "
			"into the kernel");
	l = list(t, number);
	if (!l)
		return refuse(why, size, entry, "there are more calls than there is room for");
	if (!entry[n]) {
		l->whole = true;
		return 0;
	}
	given = take_values(entry + n, values);
	if (given != deciding_count(form))
		return refuse(why, size, entry,
			      form && form->kind == CALL_DECIDED
				      ? "it has another number of arguments that decide"
				      : "none of its arguments decides");
	/* Entries are in no order: those of one call are made to lie together below. */
	if (t->values == VALUES_MOST)
		return refuse(why, size, entry, "there are more arguments than there is room for");
	memmove(&t->value[l->first + l->count + 1], &t->value[l->first + l->count],
		(t->values - l->first - l->count) * sizeof(*t->value));
	memcpy(t->value[l->first + l->count], values, sizeof(values));
	for (unsigned i = 0; i < t->count; i++)
		if (&t->call[i] != l && t->call[i].first >= l->first + l->count)
			t->call[i].first++;
	l->count++;
	t->values++;
	return 0;
}

/* Where a profile is not about calls: all those that are judged. */
static void take_judged(struct table *t)
{
	const struct call_form *form;

	for (unsigned i = 0; (form = call_form_at(i)); i++) {
		const char *name = call_name(form->number);
		bool judged = form->kind != CALL_DECIDED && form->kind != CALL_REFUSED;
		struct listed *l =
			judged && name && !is_one_of(beyond, name) ? list(t, form->number) : NULL;

		if (l)
			l->whole = true;
	}
}

static int take_calls(const struct profile *p, struct table *t, char *why, size_t size)
{
	int err = 0;

	*t = (struct table){ 0 };
	if (!p->calls_said)
		take_judged(t);
	for (uint32_t i = 0; !err && i < p->calls.count; i++)
		err = take_entry(t, p->calls.at[i].key, why, size);
	for (const char *const *name = always; !err && *name; name++) {
		struct listed *l = call_number(*name) < 0 ? NULL : list(t, call_number(*name));

		if (l)
			l->whole = true;
	}
	return err;
}

/* --- the filter of calls -------------------------------------------------------------------- */

static void patch_false(struct filter *f, unsigned short at)
{
	if (!f->overflow)
		f->code[at].jf = (uint8_t)(f->length - at - 1);
}

/* With these values in its deciding arguments. */
static void emit_value(struct filter *f, const struct call_form *form, const uint32_t *value)
{
	unsigned short tests[VALUE_ARGS];
	unsigned n = 0;

	for (unsigned arg = 0; arg < 6; arg++) {
		if (!(form->deciding & 1u << arg))
			continue;
		load_low(f, arg);
		if (form->masked == (int)arg)
			emit(f,
			     (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, form->mask));
		tests[n] = f->length;
		emit(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value[n], 0, 0));
		n++;
	}
	give(f, SECCOMP_RET_ALLOW);
	while (n-- > 0)
		patch_false(f, tests[n]);
}

static void emit_call(struct filter *f, const struct table *t, const struct listed *l)
{
	const struct call_form *form = call_form(l->number);

	if (l->whole) {
		give_if_number(f, l->number, SECCOMP_RET_ALLOW);
		return;
	}
	/* The way past is too long for a jump of eight bits. */
	emit(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)l->number, 1, 0));
	unsigned short past = f->length;
	emit(f, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 0));
	for (unsigned i = 0; i < l->count; i++)
		emit_value(f, form, t->value[l->first + i]);
	give(f, RET_ERRNO(EPERM));
	if (!f->overflow)
		f->code[past].k = (uint32_t)(f->length - past - 1);
}

/* The number is loaded. Always comes to an answer. */
static void emit_range(struct filter *f, const struct table *t, unsigned first, unsigned count)
{
	unsigned half = count / 2;
	unsigned short away;

	if (count > RANGE_LINEAR) {
		emit(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K,
						     (uint32_t)t->call[first + half].number, 0, 1));
		away = f->length;
		emit(f, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 0));
		emit_range(f, t, first, half);
		if (!f->overflow)
			f->code[away].k = (uint32_t)(f->length - away - 1);
		emit_range(f, t, first + half, count - half);
		return;
	}
	for (unsigned i = 0; i < count; i++)
		emit_call(f, t, &t->call[first + i]);
	give(f, RET_ERRNO(EPERM));
}

static int highest_number(void)
{
	int highest = 0;

	for (int number = 0; number < CALLS_LOW; number++)
		if (call_name(number))
			highest = number;
	return highest;
}

/* All but what nobody could be held to who may do it. */
static void emit_all_calls(struct filter *f)
{
	const struct call_form *form;

	for (const char *const *name = beyond; *name; name++)
		if (call_number(*name) >= 0)
			give_if_number(f, call_number(*name), RET_ERRNO(EPERM));
	for (unsigned i = 0; (form = call_form_at(i)); i++)
		if (form->kind == CALL_REFUSED)
			give_if_number(f, form->number, RET_ERRNO((unsigned)form->refusal));
	give(f, SECCOMP_RET_ALLOW);
}

/* The warden's own filter says what becomes of other ABIs; of several filters the strictest counts. */
static void emit_calls(struct filter *f, const struct table *t, bool said)
{
	f->length = 0;
	f->overflow = false;
	load(f, offsetof(struct seccomp_data, arch));
	give_unless_equal(f, arch.audit, SECCOMP_RET_ALLOW);
	load_number(f);
	if (arch.alien_bit)
		give_if_set(f, arch.alien_bit, SECCOMP_RET_ALLOW);
	/* Its flags, which are clone's, lie in memory. Not EPERM, so that C libraries fall back to clone. */
	if (said && !is_listed(t, arch.clone3))
		give_if_number(f, arch.clone3, RET_ERRNO(ENOSYS));
	/* What is newer than we are. Those that an arch has for itself (arm's begin at 0x0f0000) are old. */
	emit(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (uint32_t)highest_number(),
					     0, 2));
	emit(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, CALLS_LOW, 1, 0));
	give(f, RET_ERRNO(ENOSYS));
	if (said)
		emit_range(f, t, 0, t->count);
	else
		emit_all_calls(f);
}

/* --- what is asked about ---------------------------------------------------------------------- */

/*
 * What Landlock has no right for. Access mode 3 is neither reading nor writing to it, for it goes by
 * f_mode (OPEN_FMODE in linux/fs.h), though such an open empties a file. And with O_RDONLY the kernel
 * empties one, too, where a Landlock before that ABI does not look.
 */
static void emit_odd_open(struct filter *f, int number, unsigned flags, int landlock)
{
	unsigned short past = f->length;

	emit(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 0));
	load_low(f, flags);
	emit(f, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, O_ACCMODE | O_TRUNC));
	if (landlock < LANDLOCK_TRUNCATES)
		emit(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, O_RDONLY | O_TRUNC,
						     2, 0));
	emit(f, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, O_ACCMODE));
	emit(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, O_ACCMODE, 0, 1));
	give(f, POLICY_RET_ASK);
	give(f, SECCOMP_RET_ALLOW);
	patch_false(f, past);
}

/*
 * Without an address it goes where it was connected to: nothing is asked. Where the filter reads the
 * stack later than the kernel has (arch.h) it cannot tell.
 */
static void emit_sendto(struct filter *f, const struct call_form *form)
{
	unsigned short past = f->length;

	if (arch.call_restart) {
		give_if_number(f, form->number, POLICY_RET_ASK);
		return;
	}
	emit(f,
	     (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)form->number, 0, 0));
	load_low(f, (unsigned)form->address);
	emit(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 3));
	load(f, offsetof(struct seccomp_data, args) + (unsigned)form->address * sizeof(uint64_t) +
			(LOW_HALF ^ 4));
	emit(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1));
	give(f, SECCOMP_RET_ALLOW);
	give(f, POLICY_RET_ASK);
	patch_false(f, past);
}

/* Whether Landlock sees to all that the call does, as it does to creat(2), which says no flags. */
static bool is_landlocks(const struct call_form *form, int landlock)
{
	bool creats =
		form->kind == CALL_OPEN && form->flags == NO_ARG && form->paths[0].dir == NO_ARG;

	return landlock && (form->kind == CALL_NAME || creats);
}

static void ask_about(struct policy *asks, int number)
{
	asks->call[asks->calls++] = (struct policy_call){ .number = number, .asks = true };
}

static void emit_asks(struct filter *f, const struct table *t, int landlock, struct policy *asks)
{
	f->length = 0;
	f->overflow = false;
	load(f, offsetof(struct seccomp_data, arch));
	give_unless_equal(f, arch.audit, SECCOMP_RET_ALLOW);
	load_number(f);
	for (unsigned i = 0; i < t->count; i++) {
		int number = t->call[i].number;
		const struct call_form *form = call_form(number);

		if (!form || !call_is_judged(form))
			continue;
		if (is_landlocks(form, landlock))
			continue;
		/* openat2's flags lie in memory, where no filter looks. */
		if (landlock && form->kind == CALL_OPEN && form->flags != NO_ARG)
			emit_odd_open(f, number, (unsigned)form->flags, landlock);
		else if (number == SYS_sendto)
			emit_sendto(f, form);
		else
			give_if_number(f, number, POLICY_RET_ASK);
		ask_about(asks, number);
	}
	give(f, SECCOMP_RET_ALLOW);
}

int profile_compile(const struct profile *p, const struct rules *rules, int landlock,
		    struct policy *asks, struct filter *calls, char *why, size_t size)
{
	static struct filter program; /* these are large */
	static struct table table;

	if (take_calls(p, &table, why, size))
		return -EINVAL;
	emit_calls(calls, &table, p->calls_said);
	asks->audit = arch.audit;
	asks->calls = 0;
	asks->judge = rules_judge;
	asks->context = rules;
	emit_asks(&program, &table, landlock, asks);
	if (calls->overflow || program.overflow || program.length > POLICY_MAX_INSTRUCTIONS) {
		snprintf(why, size, "syscalls.allow is longer than the kernel takes a filter");
		return -EINVAL;
	}
	asks->instructions = program.length;
	memcpy(asks->program, program.code, program.length * sizeof(*program.code));
	return 0;
}
