// SPDX-License-Identifier: GPL-2.0
/*
 * Classic BPF as seccomp(2) has it, over struct pf_view. The kernel's own interpreter is for packets
 * and for seccomp alone.
 */
#include <linux/filter.h>
#include <linux/kernel.h>

#include "hooks.h"

/* 1: an instruction that may stand there with any k that the caller finds right. */
static bool is_known(u16 code)
{
	switch (code) {
	case BPF_LD | BPF_W | BPF_ABS:
	case BPF_LD | BPF_W | BPF_LEN:
	case BPF_LD | BPF_IMM:
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_IMM:
	case BPF_LDX | BPF_MEM:
	case BPF_ST:
	case BPF_STX:
	case BPF_ALU | BPF_ADD | BPF_K:
	case BPF_ALU | BPF_ADD | BPF_X:
	case BPF_ALU | BPF_SUB | BPF_K:
	case BPF_ALU | BPF_SUB | BPF_X:
	case BPF_ALU | BPF_MUL | BPF_K:
	case BPF_ALU | BPF_MUL | BPF_X:
	case BPF_ALU | BPF_DIV | BPF_K:
	case BPF_ALU | BPF_DIV | BPF_X:
	case BPF_ALU | BPF_AND | BPF_K:
	case BPF_ALU | BPF_AND | BPF_X:
	case BPF_ALU | BPF_OR | BPF_K:
	case BPF_ALU | BPF_OR | BPF_X:
	case BPF_ALU | BPF_XOR | BPF_K:
	case BPF_ALU | BPF_XOR | BPF_X:
	case BPF_ALU | BPF_LSH | BPF_K:
	case BPF_ALU | BPF_LSH | BPF_X:
	case BPF_ALU | BPF_RSH | BPF_K:
	case BPF_ALU | BPF_RSH | BPF_X:
	case BPF_ALU | BPF_NEG:
	case BPF_MISC | BPF_TAX:
	case BPF_MISC | BPF_TXA:
	case BPF_RET | BPF_K:
	case BPF_RET | BPF_A:
	case BPF_JMP | BPF_JA:
	case BPF_JMP | BPF_JEQ | BPF_K:
	case BPF_JMP | BPF_JEQ | BPF_X:
	case BPF_JMP | BPF_JGE | BPF_K:
	case BPF_JMP | BPF_JGE | BPF_X:
	case BPF_JMP | BPF_JGT | BPF_K:
	case BPF_JMP | BPF_JGT | BPF_X:
	case BPF_JMP | BPF_JSET | BPF_K:
	case BPF_JMP | BPF_JSET | BPF_X:
		return true;
	default:
		return false;
	}
}

static const char *flaw_of(const struct sock_filter *code, u32 left)
{
	if (!is_known(code->code))
		return "program: an instruction that hooks do not have";
	switch (code->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		if (code->k % sizeof(u32) || code->k > sizeof(struct pf_view) - sizeof(u32))
			return "program: a load from outside of what is looked at";
		return NULL;
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
	case BPF_ST:
	case BPF_STX:
		return code->k < BPF_MEMWORDS ? NULL : "program: a memory word that there is not";
	case BPF_ALU | BPF_DIV | BPF_K:
		return code->k ? NULL : "program: a division by zero";
	case BPF_ALU | BPF_LSH | BPF_K:
	case BPF_ALU | BPF_RSH | BPF_K:
		return code->k < 32 ? NULL : "program: a shift by 32 bits or more";
	case BPF_JMP | BPF_JA:
		return code->k < left ? NULL : "program: a jump out of it";
	}
	if (BPF_CLASS(code->code) == BPF_JMP && (code->jt >= left || code->jf >= left))
		return "program: a jump out of it";
	return NULL;
}

const char *pf_program_flaw(const struct sock_filter *program, u32 length)
{
	const char *flaw = NULL;
	u32 i;

	if (length < 1 || length > PF_PROGRAM_MOST)
		return "program: its length is not from 1 to 512";
	for (i = 0; i < length && !flaw; i++)
		flaw = flaw_of(&program[i], length - i - 1);
	if (!flaw && BPF_CLASS(program[length - 1].code) != BPF_RET)
		flaw = "program: it does not end with a return";
	return flaw;
}

static u32 calculate(u16 op, u32 a, u32 b)
{
	switch (op) {
	case BPF_ADD:
		return a + b;
	case BPF_SUB:
		return a - b;
	case BPF_MUL:
		return a * b;
	case BPF_DIV:
		return a / b;
	case BPF_AND:
		return a & b;
	case BPF_OR:
		return a | b;
	case BPF_XOR:
		return a ^ b;
	case BPF_LSH:
		return a << (b & 31); /* as eBPF, which seccomp's programs become */
	case BPF_RSH:
		return a >> (b & 31);
	default:
		return -a;
	}
}

static bool holds(u16 op, u32 a, u32 b)
{
	switch (op) {
	case BPF_JEQ:
		return a == b;
	case BPF_JGE:
		return a >= b;
	case BPF_JGT:
		return a > b;
	default:
		return a & b;
	}
}

static u32 load(const struct pf_view *view, u32 offset)
{
	return *(const u32 *)((const u8 *)view + offset);
}

u32 pf_program_run(const struct sock_filter *program, const struct pf_view *view)
{
	u32 memory[BPF_MEMWORDS] = { 0 };
	u32 a = 0, x = 0;

	for (;; program++) {
		u16 code = program->code;
		u32 operand = BPF_SRC(code) == BPF_X ? x : program->k;

		switch (BPF_CLASS(code)) {
		case BPF_LD:
		case BPF_LDX: {
			u32 *to = BPF_CLASS(code) == BPF_LD ? &a : &x;

			*to = BPF_MODE(code) == BPF_ABS	  ? load(view, program->k)
			      : BPF_MODE(code) == BPF_MEM ? memory[program->k]
			      : BPF_MODE(code) == BPF_LEN ? sizeof(*view)
							  : program->k;
			break;
		}
		case BPF_ST:
			memory[program->k] = a;
			break;
		case BPF_STX:
			memory[program->k] = x;
			break;
		case BPF_ALU:
			if (BPF_OP(code) == BPF_DIV && !operand)
				return 0; /* as the kernel's own */
			a = calculate(BPF_OP(code), a, operand);
			break;
		case BPF_JMP:
			if (BPF_OP(code) == BPF_JA)
				program += program->k;
			else
				program +=
					holds(BPF_OP(code), a, operand) ? program->jt : program->jf;
			break;
		case BPF_MISC:
			if (code == (BPF_MISC | BPF_TAX))
				x = a;
			else
				a = x;
			break;
		default: /* BPF_RET */
			return BPF_RVAL(code) == BPF_A ? a : program->k;
		}
	}
}
