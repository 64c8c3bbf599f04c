// SPDX-License-Identifier: Apache-2.0
#include "policy.h"

#include <errno.h>
#include <string.h>

static bool string_holds(enum policy_op op, const char *have, const char *want)
{
	bool same = have && !strcmp(have, want); /* an absent element equals nothing */

	return op == OP_EQ ? same : !same;
}

static bool number_holds(enum policy_op op, size_t have, uint32_t want)
{
	switch (op) {
	case OP_EQ:
		return have == want;
	case OP_NE:
		return have != want;
	case OP_LT:
		return have < want;
	case OP_LE:
		return have <= want;
	case OP_GT:
		return have > want;
	case OP_GE:
		return have >= want;
	}
	return false;
}

static bool term_holds(const struct policy *p, const struct policy_term *t, const char *path,
		       const struct args *argv)
{
	switch (t->field) {
	case FIELD_PATH:
		return string_holds(t->op, path, p->strings + t->string);
	case FIELD_ARGV:
		return string_holds(t->op, args_at(argv, t->index), p->strings + t->string);
	case FIELD_ARGC:
		return number_holds(t->op, argv->count, t->number);
	}
	return false;
}

static bool rule_holds(const struct policy *p, const struct policy_rule *r, const char *path,
		       const struct args *argv)
{
	for (uint32_t i = 0; i < r->count; i++)
		if (!term_holds(p, &p->term[r->first + i], path, argv))
			return false;
	return true;
}

struct policy_verdict policy_judge(const struct policy *p, const char *path,
				   const struct args *argv)
{
	for (uint32_t i = 0; i < p->rules; i++)
		if (rule_holds(p, &p->rule[i], path, argv))
			return (struct policy_verdict){ p->rule[i].allow, p->rule[i].line };
	return (struct policy_verdict){ false, 0 };
}
