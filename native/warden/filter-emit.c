// SPDX-License-Identifier: Apache-2.0
#include "filter-emit.h"

#include <linux/seccomp.h>

void emit(struct filter *f, struct sock_filter code)
{
	if (f->length == FILTER_MAX) {
		f->overflow = true;
		return;
	}
	f->code[f->length++] = code;
}

void load(struct filter *f, size_t offset)
{
	emit(f, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

void load_number(struct filter *f)
{
	load(f, offsetof(struct seccomp_data, nr));
}

void load_low(struct filter *f, unsigned arg)
{
	load(f, offsetof(struct seccomp_data, args) + arg * sizeof(uint64_t) + LOW_HALF);
}

void give(struct filter *f, uint32_t action)
{
	emit(f, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

void give_unless_equal(struct filter *f, uint32_t value, uint32_t action)
{
	emit(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0));
	give(f, action);
}

void give_if_set(struct filter *f, uint32_t bits, uint32_t action)
{
	emit(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1));
	give(f, action);
}

void give_if_number(struct filter *f, int number, uint32_t action)
{
	if (number == ARCH_ABSENT)
		return;
	emit(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1));
	give(f, action);
}
