// SPDX-License-Identifier: Apache-2.0
#include "policy.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

struct cursor {
	const char *at, *end, *line_start;
	unsigned line;
	struct policy_error *error;
};

static int fail(struct cursor *c, const char *at, const char *what)
{
	*c->error = (struct policy_error){ c->line, (unsigned)(at - c->line_start) + 1, what };
	return -EINVAL;
}

static void skip_blanks(struct cursor *c)
{
	while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\r'))
		c->at++;
}

static bool at_line_end(const struct cursor *c)
{
	return c->at == c->end || *c->at == '\n' || *c->at == '#';
}

static bool is_word_byte(char b)
{
	return isalnum((unsigned char)b) || b == '_';
}

static bool take_word(struct cursor *c, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(c->end - c->at) < n || memcmp(c->at, word, n))
		return false;
	if (c->at + n < c->end && is_word_byte(c->at[n]))
		return false;
	c->at += n;
	return true;
}

static bool take_sign(struct cursor *c, const char *sign)
{
	size_t n = strlen(sign);

	if ((size_t)(c->end - c->at) < n || memcmp(c->at, sign, n))
		return false;
	c->at += n;
	return true;
}

static int take_number(struct cursor *c, uint32_t *out)
{
	const char *start = c->at;
	uint32_t value = 0;

	while (c->at < c->end && isdigit((unsigned char)*c->at)) {
		value = value * 10 + (uint32_t)(*c->at++ - '0');
		if (value > ARGS_MAX)
			return fail(c, start, "the number is too large");
	}
	if (c->at == start || (c->at < c->end && is_word_byte(*c->at)))
		return fail(c, start, "expected a decimal number");
	*out = value;
	return 0;
}

static int hex_digit(char b)
{
	const char *digits = "0123456789abcdef";
	const char *found = b ? strchr(digits, tolower((unsigned char)b)) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* What follows a backslash; c->at is behind the backslash. */
static int take_escape(struct cursor *c, char *out)
{
	static const char names[] = "\\\"nt", values[] = "\\\"\n\t";
	const char *start = c->at - 1, *name;
	int high, low;

	if (c->at < c->end && *c->at == 'x') {
		high = c->end - c->at > 2 ? hex_digit(c->at[1]) : -1;
		low = high >= 0 ? hex_digit(c->at[2]) : -1;
		if (low < 0)
			return fail(c, start, "expected two hex digits after \\x");
		if (!high && !low)
			return fail(c, start, "no argument can hold \\x00");
		*out = (char)(high << 4 | low);
		c->at += 3;
		return 0;
	}
	name = c->at < c->end && *c->at ? strchr(names, *c->at) : NULL;
	if (!name)
		return fail(c, start, "unknown escape; known are \\\\ \\\" \\n \\t \\xHH");
	*out = values[name - names];
	c->at++;
	return 0;
}

/* policy->strings is as large as the whole text may be, so a string always fits. */
static int take_string(struct cursor *c, struct policy *p, uint32_t *out)
{
	const char *start = c->at;

	if (!take_sign(c, "\""))
		return fail(c, start, "expected a string in double quotes");
	*out = p->used;
	while (c->at < c->end && *c->at != '"' && *c->at != '\n') {
		char byte = *c->at++;

		if (byte == '\\' && take_escape(c, &byte))
			return -EINVAL;
		if (!byte)
			return fail(c, c->at - 1, "a NUL byte in the text");
		p->strings[p->used++] = byte;
	}
	if (!take_sign(c, "\""))
		return fail(c, start, "the string does not end on its line");
	p->strings[p->used++] = '\0';
	return 0;
}

static int take_op(struct cursor *c, enum policy_op *out)
{
	static const char *const signs[] = { "==", "!=", "<=", ">=", "<", ">" };
	static const enum policy_op ops[] = { OP_EQ, OP_NE, OP_LE, OP_GE, OP_LT, OP_GT };

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (take_sign(c, signs[i])) {
			*out = ops[i];
			return 0;
		}
	}
	return fail(c, c->at, "expected a comparison: == != < <= > >=");
}

static int take_field(struct cursor *c, struct policy_term *t)
{
	if (take_word(c, "path")) {
		t->field = FIELD_PATH;
		return 0;
	}
	if (take_word(c, "argc")) {
		t->field = FIELD_ARGC;
		return 0;
	}
	if (!take_word(c, "argv"))
		return fail(c, c->at, "expected path, argv[N] or argc");
	t->field = FIELD_ARGV;
	if (!take_sign(c, "["))
		return fail(c, c->at, "expected [N] after argv");
	if (take_number(c, &t->index))
		return -EINVAL;
	return take_sign(c, "]") ? 0 : fail(c, c->at, "expected ] after the index");
}

static int take_term(struct cursor *c, struct policy *p)
{
	struct policy_term *t = &p->term[p->terms];
	const char *sign;

	if (p->terms == POLICY_MAX_TERMS)
		return fail(c, c->at, "too many terms");
	*t = (struct policy_term){ 0 };
	if (take_field(c, t))
		return -EINVAL;
	skip_blanks(c);
	sign = c->at;
	if (take_op(c, &t->op))
		return -EINVAL;
	skip_blanks(c);
	p->terms++;
	if (t->field == FIELD_ARGC)
		return take_number(c, &t->number);
	if (t->op != OP_EQ && t->op != OP_NE)
		return fail(c, sign, "strings know == and != only");
	return take_string(c, p, &t->string);
}

static int take_terms(struct cursor *c, struct policy *p, struct policy_rule *r)
{
	r->first = p->terms;
	while (!at_line_end(c)) {
		if (take_term(c, p))
			return -EINVAL;
		r->count++;
		skip_blanks(c);
		if (at_line_end(c))
			return 0;
		if (!take_sign(c, "&&"))
			return fail(c, c->at, "expected && or the end of the line");
		skip_blanks(c);
		if (at_line_end(c))
			return fail(c, c->at, "expected a term after &&");
	}
	return 0;
}

static int take_rule(struct cursor *c, struct policy *p)
{
	struct policy_rule *r = &p->rule[p->rules];

	if (p->rules == POLICY_MAX_RULES)
		return fail(c, c->at, "too many rules");
	*r = (struct policy_rule){ .line = c->line };
	r->allow = take_word(c, "allow");
	if (!r->allow && !take_word(c, "deny"))
		return fail(c, c->at, "expected allow or deny");
	skip_blanks(c);
	if (!take_word(c, "exec"))
		return fail(c, c->at, "expected exec");
	skip_blanks(c);
	p->rules++;
	return take_terms(c, p, r);
}

int policy_parse(const char *text, size_t n, struct policy *out, struct policy_error *error)
{
	struct cursor c = { text, text + n, text, 1, error };

	out->rules = out->terms = out->used = 0;
	if (n > POLICY_MAX_BYTES)
		return fail(&c, text, "the policy is longer than 64 KiB");
	while (c.at < c.end) {
		skip_blanks(&c);
		if (!at_line_end(&c) && take_rule(&c, out))
			return -EINVAL;
		c.at = memchr(c.at, '\n', (size_t)(c.end - c.at));
		c.at = c.at ? c.at + 1 : c.end;
		c.line_start = c.at;
		c.line++;
	}
	return 0;
}
