// SPDX-License-Identifier: Apache-2.0
#include "wrong-hooks.h"

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>

#define RETURN BPF_STMT(BPF_RET | BPF_K, 1)

static const struct sock_filter fine[] = { RETURN };
static const struct sock_filter unknown[] = { BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), RETURN };
static const struct sock_filter outside[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, sizeof(struct pf_view)), RETURN
};
static const struct sock_filter unaligned[] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), RETURN };
static const struct sock_filter load[] = { BPF_STMT(BPF_LD | BPF_MEM, BPF_MEMWORDS), RETURN };
static const struct sock_filter load_x[] = { BPF_STMT(BPF_LDX | BPF_MEM, BPF_MEMWORDS), RETURN };
static const struct sock_filter store[] = { BPF_STMT(BPF_ST, BPF_MEMWORDS), RETURN };
static const struct sock_filter store_x[] = { BPF_STMT(BPF_STX, BPF_MEMWORDS), RETURN };
static const struct sock_filter divides[] = { BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), RETURN };
static const struct sock_filter left[] = { BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32), RETURN };
static const struct sock_filter right[] = { BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 32), RETURN };
static const struct sock_filter leaps[] = { BPF_STMT(BPF_JMP | BPF_JA, 1), RETURN };
static const struct sock_filter leaps_if[] = { BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
					       RETURN };
static const struct sock_filter leaps_else[] = { BPF_JUMP(BPF_JMP | BPF_JGT | BPF_X, 0, 0, 1),
						 RETURN };
static const struct sock_filter endless[] = { BPF_STMT(BPF_LD | BPF_IMM, 1) };

#define COUNT(list)    (sizeof(list) / sizeof((list)[0]))
#define OF(kind_, ...) .version = PF_VERSION, .kind = kind_, .flags = PF_RECORD, __VA_ARGS__
/* Each would be recorded if it were there; calls are getppid(2), which the kit makes often. */
#define CALL(...)                                                                                  \
	{                                                                                          \
		OF(PF_CALL, .number = SYS_getppid, __VA_ARGS__)                                    \
	}
#define END(...)                                                                                   \
	{                                                                                          \
		OF(PF_RETURN, .number = SYS_getppid, __VA_ARGS__)                                  \
	}
#define EVENT(kind, ...)                                                                           \
	{                                                                                          \
		OF(kind, .number = -1, __VA_ARGS__)                                                \
	}
#define FLAGS(flags_, ...)                                                                         \
	{                                                                                          \
		.version = PF_VERSION, .kind = PF_CALL, .flags = PF_RECORD | (flags_),             \
		.number = SYS_getppid, __VA_ARGS__                                                 \
	}
#define PROGRAM(program_, why)                                                                     \
	{                                                                                          \
		CALL(.length = COUNT(program_)), program_, EINVAL, why, 0                          \
	}
#define WRONG(hook, why)                                                                           \
	{                                                                                          \
		hook, NULL, EINVAL, why, 0                                                         \
	}

/* In the order of the module's looks: native/hooks/session.c, program.c, table.c. */
const struct wrong_hook wrong_hooks[] = {
	{ CALL(.length = PF_PROGRAM_MOST + 1), fine, EINVAL, "program: longer", 0 },
	{ CALL(.length = 1, .program = 8), NULL, EFAULT, "program: it cannot be read", 0 },
	PROGRAM(unknown, "program: an instruction"),
	PROGRAM(outside, "program: a load from outside"),
	PROGRAM(unaligned, "program: a load from outside"),
	PROGRAM(load, "program: a memory word"),
	PROGRAM(load_x, "program: a memory word"),
	PROGRAM(store, "program: a memory word"),
	PROGRAM(store_x, "program: a memory word"),
	PROGRAM(divides, "program: a division"),
	PROGRAM(left, "program: a shift"),
	PROGRAM(right, "program: a shift"),
	PROGRAM(leaps, "program: a jump"),
	PROGRAM(leaps_if, "program: a jump"),
	PROGRAM(leaps_else, "program: a jump"),
	PROGRAM(endless, "program: it does not end"),

	{ { .version = PF_VERSION + 1, .kind = PF_CALL, .flags = PF_RECORD, .number = SYS_getppid },
	  NULL,
	  EINVAL,
	  "version: ",
	  0 },
	WRONG(EVENT(0), "kind: unknown"),
	WRONG(EVENT(PF_KINDS), "kind: unknown"),
	WRONG(FLAGS(PF_SCOPE_HELPERS << 1), "flags: unknown"),
	WRONG(FLAGS(1u << 31), "flags: unknown"),
	WRONG(FLAGS(PF_SCOPE_KEPT), "flags: of a scope"),
	WRONG(FLAGS(PF_SCOPE_LATER), "flags: of a scope"),
	WRONG(FLAGS(PF_SCOPED | PF_SCOPE_LATER | PF_SCOPE_HELPERS),
	      "flags: PF_SCOPE_HELPERS without"),
	WRONG({ OF(PF_EXEC, .number = SYS_execve) }, "number: only calls"),
	WRONG(EVENT(PF_UNANSWERED, .abi = 1), "number: only calls"),
	WRONG({ OF(PF_CALL, .number = -2) }, "number: negative"),
	WRONG(CALL(.comm = "sixteen letters!"), "comm: without an end"),
	WRONG(CALL(.length = 1), "program: a length without"),
	WRONG(CALL(.program = 8), "program: a length without"),
	WRONG(CALL(.parameters[2].zero = 1), "parameter: unknown flags"),
	WRONG(CALL(.parameters[2].flags = 4), "parameter: unknown flags"),
	WRONG(CALL(.parameters[3].place = 1), "parameter: not declared"),
	WRONG(CALL(.parameters[3].flags = PF_PARAMETER_SIGNED), "parameter: not declared"),
	WRONG(CALL(.parameters[0].bytes = 3), "parameter: neither"),
	WRONG(CALL(.parameters[5].bytes = 16), "parameter: neither"),
	WRONG(CALL(.parameters[1] = { 2, 4, PF_PARAMETER_PAIR, 0 }), "parameter: a pair"),
	WRONG(CALL(.parameters[5] = { PF_PLACES, 4, 0, 0 }), "parameter: a register"),
	WRONG(CALL(.parameters[1] = { PF_PLACES - 1, 8, PF_PARAMETER_PAIR, 0 }),
	      "parameter: a register"),
	WRONG(EVENT(PF_FORK, .parameters[0].bytes = 4), "parameter: only calls"),
	WRONG(EVENT(PF_UNANSWERED, .parameters[1].bytes = 4), "parameter: only calls"),

	WRONG(EVENT(PF_EXIT, .deed = PF_DO_HOLD), "deed: who ends"),
	WRONG(EVENT(PF_SIGNAL, .deed = PF_DO_YIELD), "deed: who ends"),
	WRONG(EVENT(PF_SIGNAL, .deed = PF_DO_NICE), "deed: who ends"),
	WRONG(END(.deed = PF_DO_YIELD, .index = 1), "deed: a lever has no index"),
	WRONG(END(.deed = PF_DO_HOLD, .value = -1), "deed: held for too long"),
	WRONG(END(.deed = PF_DO_HOLD, .value = PF_HOLD_MOST + 1), "deed: held for too long"),
	WRONG(END(.deed = PF_DO_YIELD, .value = 1), "deed: yielding"),
	WRONG(CALL(.deed = PF_DO_NICE, .value = 20), "deed: not a nice value"),
	WRONG(CALL(.deed = PF_DO_NICE, .value = -21), "deed: not a nice value"),
	WRONG(CALL(.one_in = 2), "deed: only levers"),
	WRONG(CALL(.seed = 1), "deed: only levers"),
	WRONG(END(.deed = PF_DO_SET_RESULT, .one_in = 2), "deed: only levers"),
	WRONG(CALL(.index = 1), "deed: nothing has"),
	WRONG(CALL(.value = 1), "deed: nothing has"),
	WRONG(END(.deed = PF_DO_FAIL, .value = EPERM), "deed: only a call can be skipped"),
	WRONG(EVENT(PF_OPEN, .deed = PF_DO_FAIL, .value = EPERM),
	      "deed: only a call can be skipped"),
	WRONG(CALL(.deed = PF_DO_FAIL, .value = EPERM, .index = 1),
	      "deed: only a call can be skipped"),
	WRONG(CALL(.deed = PF_DO_FAIL), "deed: no errno"),
	WRONG(CALL(.deed = PF_DO_FAIL, .value = -EPERM), "deed: no errno"),
	WRONG(CALL(.deed = PF_DO_FAIL, .value = 4096), "deed: no errno"),
	WRONG(END(.deed = PF_DO_SET_ARGUMENT, .parameters[0].bytes = 4), "deed: only a call has"),
	WRONG(CALL(.deed = PF_DO_SET_ARGUMENT, .index = 3), "deed: an argument"),
	WRONG(CALL(.deed = PF_DO_SET_ARGUMENT, .index = PF_PARAMETERS_MOST), "deed: an argument"),
	WRONG(CALL(.deed = PF_DO_SET_RESULT), "deed: only a call that returns"),
	WRONG(EVENT(PF_UNANSWERED, .deed = PF_DO_SET_RESULT), "deed: only a call that returns"),
	WRONG(END(.deed = PF_DO_SET_RESULT, .index = 1), "deed: only a call that returns"),
	WRONG(CALL(.deed = PF_DO_NICE + 1), "deed: unknown"),

	{ CALL(.deed = PF_DO_FAIL, .value = EPERM), NULL, EOPNOTSUPP, "deed: this kernel",
	  PF_CAN_SKIP },
	{ CALL(.deed = PF_DO_HOLD), NULL, EOPNOTSUPP, "deed: this kernel", PF_CAN_HOLD_CALLS },
	{ CALL(.deed = PF_DO_YIELD), NULL, EOPNOTSUPP, "deed: this kernel", PF_CAN_HOLD_CALLS },
	{ FLAGS(PF_SCOPED | PF_SCOPE_KEPT | PF_SCOPE_LATER | PF_SCOPE_HELPERS), NULL, EOPNOTSUPP,
	  "flags: PF_SCOPE_HELPERS needs", PF_CAN_KEEP_HELPERS },
	{ FLAGS(PF_SCOPED), NULL, ESRCH, "flags: nobody is in scope", 0 },
};

const unsigned wrong_hooks_count = COUNT(wrong_hooks);
