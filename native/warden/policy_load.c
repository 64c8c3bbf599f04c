// SPDX-License-Identifier: Apache-2.0
#include "policy.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#define VERSION	      1u
#define HEADER_BYTES  56u
#define HIGHEST_ERRNO 4095u
#define FLAG_ASKS     1u
#define NO_PLACE      0xffu

#ifndef SECCOMP_RET_KILL_PROCESS
#define SECCOMP_RET_KILL_PROCESS 0x80000000u
#endif

enum { CODE_FALSE, CODE_TRUE, CODE_NOT, CODE_AND, CODE_OR, CODE_TEST };

struct reader {
	const unsigned char *image;
	size_t at;
	struct policy_error *error;
};

static int fail(struct reader *r, const char *what)
{
	*r->error = (struct policy_error){ r->at, what };
	return -EINVAL;
}

/* The sizes were checked against the image's before anything behind the header is read. */
static uint64_t take(struct reader *r, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t)r->image[r->at + i] << (8 * i);
	r->at += bytes;
	return value;
}

static uint32_t take_word(struct reader *r)
{
	return (uint32_t)take(r, 4);
}

static int verdict_of(uint32_t value, struct policy_verdict *out)
{
	uint32_t error = value & SECCOMP_RET_DATA;

	*out = (struct policy_verdict){ .action = POLICY_ALLOW };
	if (value == SECCOMP_RET_ALLOW)
		return 0;
	if (value == SECCOMP_RET_KILL_PROCESS) {
		out->action = POLICY_KILL;
		return 0;
	}
	if ((value & ~SECCOMP_RET_DATA) != SECCOMP_RET_ERRNO || !error || error > HIGHEST_ERRNO)
		return -EINVAL;
	out->action = POLICY_ERRNO;
	out->error = (int)error;
	return 0;
}

static int take_header(struct reader *r, size_t size, struct policy *p)
{
	static const char magic[8] = "PFPOLCY";
	size_t body;
	uint32_t said;

	if (size < HEADER_BYTES || memcmp(r->image, magic, sizeof(magic)))
		return fail(r, "this is no policy image");
	r->at = sizeof(magic);
	if (take_word(r) != VERSION)
		return fail(r, "an image of another version");
	said = take_word(r);
	p->audit = take_word(r);
	if (verdict_of(take_word(r), &p->fallback))
		return fail(r, "the default is no action");
	p->instructions = take_word(r);
	p->rules = take_word(r);
	p->calls = take_word(r);
	p->steps = take_word(r);
	p->tests = take_word(r);
	p->code_size = take_word(r);
	p->text_size = take_word(r);
	if (take_word(r))
		return fail(r, "a word that is to be 0 is not");
	if (p->instructions > POLICY_MAX_INSTRUCTIONS || p->rules > POLICY_MAX_RULES ||
	    p->calls > POLICY_MAX_CALLS || p->steps > POLICY_MAX_STEPS ||
	    p->tests > POLICY_MAX_TESTS || p->code_size > POLICY_MAX_CODE ||
	    p->text_size > POLICY_MAX_TEXT)
		return fail(r, "it is larger than there is room for");
	body = 8u * p->instructions + 8u * p->rules + 16u * p->calls + 12u * p->steps +
	       40u * p->tests + p->code_size + p->text_size;
	if (size != said || size != HEADER_BYTES + body)
		return fail(r, "its parts are not as long as the whole");
	return 0;
}

static int take_program(struct reader *r, struct policy *p)
{
	const char *what;

	for (uint32_t i = 0; i < p->instructions; i++) {
		struct sock_filter *code = &p->program[i];

		code->code = (uint16_t)take(r, 2);
		code->jt = (uint8_t)take(r, 1);
		code->jf = (uint8_t)take(r, 1);
		code->k = take_word(r);
	}
	what = policy_check_program(p);
	return what ? fail(r, what) : 0;
}

static int take_rules(struct reader *r, struct policy *p)
{
	for (uint32_t i = 0; i < p->rules; i++) {
		if (verdict_of(take_word(r), &p->rule[i]))
			return fail(r, "a rule has no action");
		p->rule[i].line = take_word(r);
	}
	return 0;
}

static int take_calls(struct reader *r, struct policy *p)
{
	for (uint32_t i = 0; i < p->calls; i++) {
		struct policy_call *c = &p->call[i];
		uint32_t number = take_word(r), flags;

		c->first = take_word(r);
		c->steps = take_word(r);
		flags = take_word(r);
		if (number > INT32_MAX || (i && (int)number <= p->call[i - 1].number))
			return fail(r, "the calls are not in order");
		if (c->first > p->steps || c->steps > p->steps - c->first)
			return fail(r, "a call has steps that are not there");
		if (flags & ~FLAG_ASKS)
			return fail(r, "a call has unknown flags");
		c->number = (int)number;
		c->asks = flags & FLAG_ASKS;
		c->needs = (struct policy_needs){ 0 };
	}
	return 0;
}

static int take_steps(struct reader *r, struct policy *p)
{
	for (uint32_t i = 0; i < p->steps; i++) {
		struct policy_step *s = &p->step[i];

		s->rule = take_word(r);
		s->code = take_word(r);
		s->code_size = take_word(r);
		if (s->rule >= p->rules)
			return fail(r, "a step has a rule that is not there");
		if (s->code > p->code_size || s->code_size > p->code_size - s->code)
			return fail(r, "a step has code that is not there");
	}
	return 0;
}

static bool is_text(uint8_t field)
{
	return field == FIELD_STRING || field == FIELD_PATH || field == FIELD_ARGV ||
	       field == FIELD_ENVP || field == FIELD_SOCKET_PATH;
}

static bool fits(const struct policy_test *t)
{
	bool whole = t->bits == 8 || t->bits == 16 || t->bits == 32 || t->bits == 64;

	if (t->arg >= POLICY_ARGS)
		return false;
	if (t->field == FIELD_IP)
		return t->op == OP_PREFIX && (t->text_size == 4 || t->text_size == 16) &&
		       t->prefix <= t->text_size * 8;
	if (is_text(t->field))
		return t->op == OP_TEXT || t->op == OP_GLOB;
	if (t->op > OP_ANY || !whole)
		return false;
	if (t->field == FIELD_ARG)
		return t->high == NO_PLACE || (t->high < POLICY_ARGS && t->bits == 64);
	return t->field != FIELD_MEMBER || t->index <= 4096;
}

static int take_tests(struct reader *r, struct policy *p)
{
	for (uint32_t i = 0; i < p->tests; i++) {
		struct policy_test *t = &p->test[i];
		uint64_t is_signed, masked;

		t->field = (uint8_t)take(r, 1);
		t->op = (uint8_t)take(r, 1);
		t->arg = (uint8_t)take(r, 1);
		t->high = (uint8_t)take(r, 1);
		t->bits = (uint8_t)take(r, 1);
		is_signed = take(r, 1);
		masked = take(r, 2);
		t->index = take_word(r);
		t->text = take_word(r);
		t->text_size = take_word(r);
		t->prefix = take_word(r);
		t->mask = take(r, 8);
		t->value = take(r, 8);
		if (is_signed > 1 || masked > 1 || t->field >= FIELDS || t->op >= OPS || !fits(t))
			return fail(r, "a test asks for what there is not");
		if (t->text > p->text_size || t->text_size > p->text_size - t->text)
			return fail(r, "a test has text that is not there");
		t->is_signed = is_signed;
		t->masked = masked;
	}
	return 0;
}

static void need(struct policy_needs *needs, const struct policy_test *t)
{
	uint32_t size = t->index + t->bits / 8u;

	switch (t->field) {
	case FIELD_ARGC:
	case FIELD_ARGV:
		needs->argv = true;
		break;
	case FIELD_ENVP:
		needs->envp = true;
		break;
	case FIELD_PATH:
		needs->path = true;
		break;
	case FIELD_STRING:
		needs->names = true;
		needs->deep[t->arg].kind = DEEP_STRING;
		break;
	case FIELD_MEMBER:
		needs->deep[t->arg].kind = DEEP_STRUCT;
		if (size > needs->deep[t->arg].size)
			needs->deep[t->arg].size = size;
		break;
	case FIELD_SOCKET_PATH:
		needs->names = true;
		needs->deep[t->arg].kind = DEEP_ADDRESS;
		break;
	case FIELD_FAMILY:
	case FIELD_PORT:
	case FIELD_IP:
		needs->deep[t->arg].kind = DEEP_ADDRESS;
		break;
	default:
		break;
	}
}

/* Runs the code without values: whether its stack is right, and what it needs. */
static const char *walk(const struct policy *p, const struct policy_step *s,
			struct policy_needs *needs)
{
	const uint8_t *at = p->code + s->code, *end = at + s->code_size;
	uint32_t depth = 0, index;

	while (at < end) {
		uint8_t code = *at++;

		if (code == CODE_FALSE || code == CODE_TRUE) {
			depth++;
		} else if (code == CODE_NOT) {
			if (depth < 1)
				return "an expression lacks an operand";
		} else if (code == CODE_AND || code == CODE_OR) {
			if (depth < 2)
				return "an expression lacks an operand";
			depth--;
		} else if (code == CODE_TEST) {
			if (end - at < 2)
				return "an expression is cut off";
			index = (uint32_t)(at[0] | at[1] << 8);
			at += 2;
			if (index >= p->tests)
				return "an expression has a test that is not there";
			need(needs, &p->test[index]);
			depth++;
		} else {
			return "an expression has an unknown instruction";
		}
		if (depth > POLICY_MAX_STACK)
			return "an expression needs too much stack";
	}
	return depth == 1 ? NULL : "an expression does not come to one value";
}

static bool needs_nothing(const struct policy_needs *n)
{
	bool nothing = !n->path && !n->argv && !n->envp;

	for (unsigned i = 0; i < POLICY_ARGS; i++)
		nothing = nothing && n->deep[i].kind == DEEP_NONE;
	return nothing;
}

static int check_calls(struct reader *r, struct policy *p)
{
	for (uint32_t i = 0; i < p->calls; i++) {
		struct policy_call *c = &p->call[i];

		for (uint32_t j = 0; j < c->steps; j++) {
			const char *what = walk(p, &p->step[c->first + j], &c->needs);

			if (what)
				return fail(r, what);
		}
		if (c->asks == needs_nothing(&c->needs))
			return fail(r, "a call asks for nothing, or asks unsaid");
	}
	return 0;
}

int policy_load(const unsigned char *image, size_t size, struct policy *out,
		struct policy_error *error)
{
	struct reader r = { image, 0, error };

	if (take_header(&r, size, out) || take_program(&r, out) || take_rules(&r, out) ||
	    take_calls(&r, out) || take_steps(&r, out) || take_tests(&r, out))
		return -EINVAL;
	memcpy(out->code, image + r.at, out->code_size);
	memcpy(out->text, image + r.at + out->code_size, out->text_size);
	return check_calls(&r, out);
}
