/* SPDX-License-Identifier: Apache-2.0 */
/* The policy language of docs/formats.md: parsed once, evaluated purely, over bytes of any value.
 */
#ifndef PF_POLICY_H
#define PF_POLICY_H

#include "args.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POLICY_MAX_BYTES 65536u
#define POLICY_MAX_RULES 256u
#define POLICY_MAX_TERMS 1024u

enum policy_field { FIELD_PATH, FIELD_ARGV, FIELD_ARGC };
enum policy_op { OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE };

struct policy_term {
	enum policy_field field;
	enum policy_op op;
	uint32_t index;	 /* of argv */
	uint32_t number; /* for argc */
	uint32_t string; /* offset in strings, NUL-terminated, for path and argv */
};

struct policy_rule {
	bool allow;
	uint32_t line; /* from 1 */
	uint32_t first, count;
};

struct policy {
	uint32_t rules, terms, used;
	struct policy_rule rule[POLICY_MAX_RULES];
	struct policy_term term[POLICY_MAX_TERMS];
	char strings[POLICY_MAX_BYTES];
};

struct policy_error {
	unsigned line, column; /* from 1 */
	const char *what;
};

struct policy_verdict {
	bool allow;
	uint32_t line; /* that decided; 0: none matched, which denies */
};

/* Returns 0 or -EINVAL with the place and the reason. */
int policy_parse(const char *text, size_t n, struct policy *out, struct policy_error *error);
struct policy_verdict policy_judge(const struct policy *p, const char *path,
				   const struct args *argv);

#endif
