// SPDX-License-Identifier: Apache-2.0
#include "policy.h"

#include <linux/seccomp.h>

#ifndef SECCOMP_RET_KILL_PROCESS
#define SECCOMP_RET_KILL_PROCESS 0x80000000u
#endif

/* What an image may return; the warden puts its own actions in the place of two of them. */
static bool is_return(uint32_t k)
{
	return k == SECCOMP_RET_ALLOW || k == SECCOMP_RET_KILL_PROCESS || k == POLICY_RET_ASK ||
	       (k & ~SECCOMP_RET_DATA) == SECCOMP_RET_ERRNO;
}

static const char *check(const struct sock_filter *i, uint32_t left)
{
	switch (i->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		if (i->k % 4 || i->k >= sizeof(struct seccomp_data))
			return "the program loads from outside the call's data";
		return NULL;
	case BPF_ALU | BPF_AND | BPF_K:
	case BPF_ALU | BPF_XOR | BPF_K:
		return NULL;
	case BPF_JMP | BPF_JA:
		return i->k < left ? NULL : "the program jumps out of itself";
	case BPF_JMP | BPF_JEQ | BPF_K:
	case BPF_JMP | BPF_JGT | BPF_K:
	case BPF_JMP | BPF_JGE | BPF_K:
	case BPF_JMP | BPF_JSET | BPF_K:
		return i->jt < left && i->jf < left ? NULL : "the program jumps out of itself";
	case BPF_RET | BPF_K:
		return is_return(i->k) ? NULL : "the program returns no action";
	default:
		return "the program has an unknown instruction";
	}
}

const char *policy_check_program(const struct policy *p)
{
	uint32_t n = p->instructions;

	if (!n || p->program[n - 1].code != (BPF_RET | BPF_K))
		return "the program has no end";
	for (uint32_t i = 0; i < n; i++) {
		const char *what = check(&p->program[i], n - i - 1);

		if (what)
			return what;
	}
	return NULL;
}
