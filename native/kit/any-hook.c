// SPDX-License-Identifier: Apache-2.0
#include "any-hook.h"

#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define NOBODY	    "nobody-is-named" /* of 15 bytes, as a task's name can be */
#define HOLD_NS	    200000

static const int numbers[] = { -1,	   SYS_getppid, SYS_getpgid, SYS_close,	   SYS_read,
			       SYS_write,  SYS_execve,	SYS_clone,   SYS_mprotect, SYS_ioctl,
			       SYS_openat, SYS_exit,	1023,	     4095 };

static enum pf_kind any_kind(struct kit *kit, const struct pf_info *info)
{
	enum pf_kind kind;

	do
		kind = PF_CALL + kit_below(kit, PF_KINDS - PF_CALL);
	while (!(info->kinds & 1ull << kind));
	return kind;
}

static uint32_t any_flags(struct kit *kit, const struct pf_info *info)
{
	uint32_t flags = kit_one_in(kit, 8) ? 0 : PF_RECORD;

	if (kit_one_in(kit, 2))
		return flags;
	flags |= PF_SCOPED | PF_SCOPE_LATER;
	if (kit_one_in(kit, 2))
		flags |= PF_SCOPE_KEPT;
	if (flags & PF_SCOPE_KEPT && info->abilities & PF_CAN_KEEP_HELPERS && kit_one_in(kit, 2))
		flags |= PF_SCOPE_HELPERS;
	return flags;
}

static void any_parameters(struct kit *kit, struct pf_hook *hook)
{
	for (int i = 0; i < PF_PARAMETERS_MOST; i++) {
		struct pf_parameter *p = &hook->parameters[i];

		if (kit_one_in(kit, 2))
			continue;
		p->bytes = (uint8_t)(1u << kit_below(kit, 4));
		p->place = (uint8_t)kit_below(kit, PF_PLACES - 1);
		p->flags = kit_one_in(kit, 2) ? PF_PARAMETER_SIGNED : 0;
		if (p->bytes == 8 && kit_one_in(kit, 2))
			p->flags |= PF_PARAMETER_PAIR;
	}
}

/* What is done to a call is done to getsid(2) alone. */
static void any_deed(struct kit *kit, const struct pf_info *info, struct pf_hook *hook)
{
	hook->number = SYS_getsid;
	if (hook->kind == PF_RETURN) {
		hook->deed = PF_DO_SET_RESULT;
		hook->value = (int64_t)kit_random(kit);
	} else if (info->abilities & PF_CAN_SKIP && kit_one_in(kit, 2)) {
		hook->deed = PF_DO_FAIL;
		hook->value = 1 + (int64_t)kit_below(kit, 4095);
	} else {
		hook->deed = PF_DO_SET_ARGUMENT;
		hook->parameters[0] = (struct pf_parameter){ 0, 4, PF_PARAMETER_SIGNED, 0 };
		hook->value = (int64_t)kit_random(kit);
	}
}

static void any_lever(struct kit *kit, const struct pf_info *info, struct pf_hook *hook)
{
	hook->one_in = 2 + (uint32_t)kit_below(kit, 30);
	hook->seed = kit_random(kit);
	hook->deed = PF_DO_NICE;
	hook->value = (int64_t)kit_below(kit, 5);
	if (hook->kind == PF_CALL && !(info->abilities & PF_CAN_HOLD_CALLS))
		return;
	if (kit_one_in(kit, 2)) {
		hook->deed = PF_DO_HOLD;
		hook->value = (int64_t)kit_below(kit, HOLD_NS);
	} else if (kit_one_in(kit, 2)) {
		hook->deed = PF_DO_YIELD;
		hook->value = 0;
	}
}

static struct sock_filter any_instruction(struct kit *kit, unsigned left)
{
	uint32_t k = (uint32_t)kit_random(kit);
	uint8_t jt = (uint8_t)kit_below(kit, left), jf = (uint8_t)kit_below(kit, left);

	switch (kit_below(kit, 9)) {
	case 0:
		return (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, k);
	case 1:
		return (struct sock_filter)BPF_STMT(BPF_MISC | BPF_TAX, 0);
	case 2:
		return (struct sock_filter)BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0);
	case 3:
		return (struct sock_filter)BPF_STMT(BPF_ST, k % BPF_MEMWORDS);
	case 4:
		return (struct sock_filter)BPF_STMT(BPF_LDX | BPF_MEM, k % BPF_MEMWORDS);
	case 5:
		return (struct sock_filter)BPF_STMT(BPF_ALU | BPF_LSH | BPF_X, 0);
	case 6:
		return (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, k, jt, jf);
	case 7:
		return (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_X, k, jt, jf);
	default:
		return (struct sock_filter)BPF_STMT(
			BPF_LD | BPF_W | BPF_ABS,
			(uint32_t)kit_below(kit, sizeof(struct pf_view) / 4) * 4);
	}
}

static void any_program(struct kit *kit, struct any_hook *any)
{
	unsigned length = 1 + (unsigned)kit_below(kit, ANY_PROGRAM_MOST);

	for (unsigned i = 0; i + 1 < length; i++)
		any->program[i] = any_instruction(kit, length - i - 1);
	any->program[length - 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
	any->hook.length = length;
	any->hook.program = (uintptr_t)any->program;
}

void any_hook(struct kit *kit, const struct pf_info *info, struct any_hook *any)
{
	struct pf_hook *hook = &any->hook;
	bool of_calls, held;

	memset(any, 0, sizeof(*any));
	hook->version = PF_VERSION;
	hook->kind = any_kind(kit, info);
	hook->flags = any_flags(kit, info);
	hook->priority = (int32_t)kit_random(kit);
	hook->number = -1;
	of_calls = hook->kind == PF_CALL || hook->kind == PF_RETURN;
	held = hook->kind != PF_EXIT && hook->kind != PF_SIGNAL;
	if (of_calls)
		hook->number = numbers[kit_below(kit, COUNT(numbers))];
	if (of_calls && kit_one_in(kit, 2))
		any_parameters(kit, hook);
	if (kit_one_in(kit, 6))
		strcpy(hook->comm, NOBODY);
	if (of_calls && kit_one_in(kit, 3))
		any_deed(kit, info, hook);
	else if (held && kit_one_in(kit, 4))
		any_lever(kit, info, hook);
	if (kit_one_in(kit, 2))
		any_program(kit, any);
}

static void spoil_once(struct kit *kit, struct any_hook *any)
{
	static const uint32_t words[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffff000 };
	uint32_t word = words[kit_below(kit, COUNT(words))];
	uint8_t *at = (uint8_t *)&any->hook;

	if (kit_one_in(kit, 2))
		memcpy(at + kit_below(kit, sizeof(any->hook) / 4) * 4, &word, sizeof(word));
	else if (any->hook.length && kit_one_in(kit, 2))
		((uint8_t *)any->program)[kit_below(kit, sizeof(any->program))] ^=
			(uint8_t)(1u << kit_below(kit, 8));
	else
		at[kit_below(kit, sizeof(any->hook))] = (uint8_t)kit_random(kit);
}

void any_hook_spoil(struct kit *kit, struct any_hook *any)
{
	unsigned times = 1 + (unsigned)kit_below(kit, 3);

	while (times--)
		spoil_once(kit, any);
	/* What it would do now it must not do to anybody. */
	if (any->hook.deed)
		memcpy(any->hook.comm, NOBODY, sizeof(NOBODY));
}
