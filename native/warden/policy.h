/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy, loaded from its image (docs/formats.md, Policy image) and judged over copied facts.
 * Loading checks everything once, so that judging cannot fail; both are pure over bytes.
 */
#ifndef PF_POLICY_H
#define PF_POLICY_H

#include "args.h"

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* As runner/src/lib/filter/image.ts has them. */
#define POLICY_MAX_INSTRUCTIONS 4032u /* BPF_MAXINSNS less what the warden adds */
#define POLICY_MAX_RULES	1024u
#define POLICY_MAX_CALLS	512u
#define POLICY_MAX_STEPS	4096u
#define POLICY_MAX_TESTS	4096u
#define POLICY_MAX_CODE		65536u
#define POLICY_MAX_TEXT		65536u
#define POLICY_MAX_STACK	128u
#define POLICY_MAX_BYTES                                                                           \
	(56u + 8u * POLICY_MAX_INSTRUCTIONS + 8u * POLICY_MAX_RULES + 16u * POLICY_MAX_CALLS +     \
	 12u * POLICY_MAX_STEPS + 40u * POLICY_MAX_TESTS + POLICY_MAX_CODE + POLICY_MAX_TEXT)

/* In an image's program: the warden is to be asked. */
#define POLICY_RET_ASK 0x7fc00000u

#define POLICY_ARGS 6u

enum policy_field {
	FIELD_ARG,
	FIELD_ARGC,
	FIELD_MEMBER,
	FIELD_FAMILY,
	FIELD_PORT,
	FIELD_STRING,
	FIELD_PATH,
	FIELD_ARGV,
	FIELD_ENVP,
	FIELD_SOCKET_PATH,
	FIELD_IP,
	FIELDS
};

enum policy_op {
	OP_EQ,
	OP_LT,
	OP_LE,
	OP_GT,
	OP_GE,
	OP_ANY, /* some bit is set */
	OP_TEXT,
	OP_GLOB,
	OP_PREFIX,
	OPS
};

struct policy_test {
	uint8_t field, op;
	uint8_t arg, high; /* places of the low and, unless 0xff, the high half */
	uint8_t bits;
	bool is_signed, masked;
	uint32_t index; /* of argv or envp; offset of a member */
	uint32_t text, text_size;
	uint32_t prefix; /* bits of an address that count */
	uint64_t mask, value;
};

enum policy_action { POLICY_ALLOW, POLICY_ERRNO, POLICY_KILL };

struct policy_verdict {
	enum policy_action action;
	int error;     /* of POLICY_ERRNO */
	uint32_t line; /* that decided; 0: none matched */
};

struct policy_step {
	uint32_t rule, code, code_size;
};

/* What has to be copied for a call before it can be judged. */
enum policy_deep {
	DEEP_NONE,
	DEEP_STRING,  /* bytes without the NUL */
	DEEP_STRUCT,  /* `size` bytes, or as many as the caller says it has */
	DEEP_ADDRESS, /* a socket address, also one that a message header names */
};

struct facts;

struct policy_needs {
	bool path, argv, envp;
	bool names; /* some rule asks for where a file or a socket is */
	struct {
		enum policy_deep kind;
		uint32_t size;
	} deep[POLICY_ARGS];
};

struct policy_call {
	int number;
	uint32_t first, steps;
	bool asks; /* some rule looks behind a pointer */
	struct policy_needs needs;
};

struct policy {
	uint32_t audit;
	uint32_t instructions, rules, calls, steps, tests, code_size, text_size;
	struct policy_verdict fallback;
	struct sock_filter program[POLICY_MAX_INSTRUCTIONS];
	struct policy_verdict rule[POLICY_MAX_RULES];
	struct policy_call call[POLICY_MAX_CALLS];
	struct policy_step step[POLICY_MAX_STEPS];
	struct policy_test test[POLICY_MAX_TESTS];
	uint8_t code[POLICY_MAX_CODE];
	uint8_t text[POLICY_MAX_TEXT];
	/* A profile has an answer instead of rules (profile/rules.h); NULL: it has rules. */
	struct policy_verdict (*judge)(const void *context, const struct facts *facts);
	const void *context;
};

struct policy_error {
	size_t offset; /* in the image */
	const char *what;
};

/* Copies of what a call was given. What is not present is absent: it makes every test false. */
struct facts {
	int number;
	uint64_t args[POLICY_ARGS];
	struct {
		const unsigned char *bytes;
		size_t size;
		bool present;
		mode_t mode; /* for profiles: of what a path leads to; 0: nothing is there */
	} deep[POLICY_ARGS];
	const struct args *argv, *envp;
	const char *path; /* of exec, as it is judged */
	/* What only profiles ask for: */
	pid_t caller; /* its process, as our /proc has it */
	const char
		*file;	/* of exec: where the file that would run really is; NULL: not known yet */
	uint64_t flags; /* of an open, as openat2 has them */
	const char *protocol; /* of a socket: tcp or udp; NULL: another */
};

/* 0, or -EINVAL with the place and the reason. */
int policy_load(const unsigned char *image, size_t size, struct policy *out,
		struct policy_error *error);
struct policy_verdict policy_judge(const struct policy *p, const struct facts *facts);
/* Whether the kernel may leave this call to the warden. */
bool policy_asks(const struct policy *p, int number);
/* Nothing is needed for calls without rules. */
struct policy_needs policy_needs(const struct policy *p, int number);
/* The first call that is asked about and not in the list, which ends with -1; NULL: none. */
const struct policy_call *policy_asks_beyond(const struct policy *p, const int *numbers);

/* `*` is any bytes, `?` is one, a backslash takes the meaning from the byte behind it. */
bool policy_glob(const uint8_t *pattern, size_t pattern_size, const uint8_t *text, size_t size);
/* Of the program, once its fields are decoded: what is wrong with it, or NULL. */
const char *policy_check_program(const struct policy *p);

#endif
