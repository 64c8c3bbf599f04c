// SPDX-License-Identifier: Apache-2.0
#include "policy.h"

#include <string.h>
#include <sys/syscall.h>

#define NO_PLACE 0xffu

/* Of the kernel's interface, the same on every arch. */
enum { FAMILY_UNSPEC = 0, FAMILY_UNIX = 1, FAMILY_INET = 2, FAMILY_INET6 = 10 };
/* struct sockaddr_in. */
enum { INET_BYTES = 16 };
enum { CODE_FALSE, CODE_TRUE, CODE_NOT, CODE_AND, CODE_OR, CODE_TEST };

/* Bytes of a fact; at is NULL where it is absent. */
struct span {
	const uint8_t *at;
	size_t size;
};

static struct span deep(const struct facts *f, unsigned arg)
{
	if (!f->deep[arg].present)
		return (struct span){ NULL, 0 };
	/* An empty string is there. */
	return (struct span){ f->deep[arg].bytes ? f->deep[arg].bytes : (const uint8_t *)"",
			      f->deep[arg].size };
}

static struct span string(const char *s)
{
	return (struct span){ (const uint8_t *)s, s ? strlen(s) : 0 };
}

/* Our own byte order is the caller's. */
static bool family_of(struct span address, uint16_t *out)
{
	if (address.size < sizeof(*out))
		return false;
	memcpy(out, address.at, sizeof(*out));
	return true;
}

/*
 * The family that the kernel takes it for. AF_UNSPEC is AF_INET to sends and binds (udp_sendmsg,
 * raw_sendmsg, inet_bind); connect(2) takes the address that there was away.
 */
static bool family_meant(const struct facts *f, struct span address, uint16_t *out)
{
	if (!family_of(address, out))
		return false;
	if (*out == FAMILY_UNSPEC && f->number != SYS_connect && address.size >= INET_BYTES)
		*out = FAMILY_INET;
	return true;
}

static bool port_of(const struct facts *f, struct span address, uint64_t *out)
{
	uint16_t family;

	if (!family_meant(f, address, &family) ||
	    (family != FAMILY_INET && family != FAMILY_INET6) || address.size < 4)
		return false;
	*out = (uint64_t)address.at[2] << 8 | address.at[3];
	return true;
}

static struct span said_ip_of(const struct facts *f, struct span address)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	uint16_t family;

	if (!family_meant(f, address, &family))
		return (struct span){ NULL, 0 };
	if (family == FAMILY_INET && address.size >= 8)
		return (struct span){ address.at + 4, 4 };
	if (family != FAMILY_INET6 || address.size < 24)
		return (struct span){ NULL, 0 };
	/* An IPv4 address inside IPv6 leads where the IPv4 address leads. */
	if (!memcmp(address.at + 8, mapped, sizeof(mapped)))
		return (struct span){ address.at + 20, 4 };
	return (struct span){ address.at + 8, 16 };
}

/*
 * To connect and send to the any-address is to do so to ourselves (ip_route_output_key_hash_rcu,
 * __ip6_datagram_connect).
 */
static struct span ip_of(const struct facts *f, struct span address)
{
	static const uint8_t any[16], loopback[16] = { [15] = 1 }, loopback4[4] = { 127, 0, 0, 1 };
	struct span ip = said_ip_of(f, address);

	if (f->number == SYS_bind || !ip.at || memcmp(ip.at, any, ip.size))
		return ip;
	ip.at = ip.size == sizeof(loopback4) ? loopback4 : loopback;
	return ip;
}

/* A name that starts with NUL is abstract, and all its bytes count (unix(7)). */
static struct span socket_path_of(struct span address)
{
	struct span path = { NULL, 0 };
	const uint8_t *end;
	uint16_t family;

	if (!family_of(address, &family) || family != FAMILY_UNIX)
		return path;
	path = (struct span){ address.at + 2, address.size - 2 };
	if (!path.size || !path.at[0])
		return path;
	end = memchr(path.at, 0, path.size);
	if (end)
		path.size = (size_t)(end - path.at);
	return path;
}

/* What lies behind the size that the caller gave is 0 for the kernel. */
static bool member_of(const struct policy_test *t, struct span bytes, uint64_t *out)
{
	uint8_t field[8] = { 0 };
	size_t size = t->bits / 8u, have;

	if (!bytes.at)
		return false;
	have = bytes.size > t->index ? bytes.size - t->index : 0;
	if (have)
		memcpy(field, bytes.at + t->index, have < size ? have : size);
	*out = 0;
	for (size_t i = 0; i < size; i++) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		*out |= (uint64_t)field[i] << (8 * i);
#else
		*out = *out << 8 | field[i];
#endif
	}
	return true;
}

static bool number_of(const struct policy_test *t, const struct facts *f, uint64_t *out)
{
	uint16_t family;

	switch (t->field) {
	case FIELD_ARG:
		*out = f->args[t->arg];
		if (t->high != NO_PLACE)
			*out = f->args[t->high] << 32 | (uint32_t)*out;
		return true;
	case FIELD_ARGC:
		*out = f->argv ? f->argv->count : 0;
		return f->argv;
	case FIELD_MEMBER:
		return member_of(t, deep(f, t->arg), out);
	case FIELD_FAMILY:
		if (!family_of(deep(f, t->arg), &family))
			return false;
		*out = family;
		return true;
	default:
		return port_of(f, deep(f, t->arg), out);
	}
}

static struct span text_of(const struct policy_test *t, const struct facts *f)
{
	switch (t->field) {
	case FIELD_PATH:
		return string(f->path);
	case FIELD_ARGV:
		return string(f->argv ? args_at(f->argv, t->index) : NULL);
	case FIELD_ENVP:
		return string(f->envp ? args_at(f->envp, t->index) : NULL);
	case FIELD_SOCKET_PATH:
		return socket_path_of(deep(f, t->arg));
	default:
		return deep(f, t->arg);
	}
}

static bool compare(uint8_t op, bool less, bool same)
{
	switch (op) {
	case OP_EQ:
		return same;
	case OP_LT:
		return less;
	case OP_LE:
		return less || same;
	case OP_GT:
		return !less && !same;
	default:
		return !less;
	}
}

static bool number_holds(const struct policy_test *t, const struct facts *f)
{
	uint64_t have, whole = t->bits == 64 ? UINT64_MAX : (UINT64_C(1) << t->bits) - 1;
	uint64_t sign = UINT64_C(1) << (t->bits - 1), want = t->value & whole;

	if (!number_of(t, f, &have))
		return false;
	have &= whole;
	if (t->masked)
		have &= t->mask;
	if (t->op == OP_ANY)
		return have != 0;
	/* Signed order is unsigned order once the sign bit is turned over. */
	if (t->is_signed && !t->masked) {
		have ^= sign;
		want ^= sign;
	}
	return compare(t->op, have < want, have == want);
}

static bool prefix_holds(struct span have, const uint8_t *want, size_t size, uint32_t bits)
{
	unsigned rest = bits % 8;

	if (!have.at || have.size != size || memcmp(have.at, want, bits / 8))
		return false;
	return !rest || ((have.at[bits / 8] ^ want[bits / 8]) >> (8 - rest)) == 0;
}

static bool test_holds(const struct policy *p, const struct policy_test *t, const struct facts *f)
{
	const uint8_t *want = p->text + t->text;
	struct span have;

	if (t->op <= OP_ANY)
		return number_holds(t, f);
	if (t->op == OP_PREFIX)
		return prefix_holds(ip_of(f, deep(f, t->arg)), want, t->text_size, t->prefix);
	have = text_of(t, f);
	if (!have.at)
		return false;
	if (t->op == OP_TEXT)
		return have.size == t->text_size && !memcmp(have.at, want, have.size);
	return policy_glob(want, t->text_size, have.at, have.size);
}

bool policy_glob(const uint8_t *pattern, size_t pattern_size, const uint8_t *text, size_t size)
{
	size_t p = 0, t = 0, star = SIZE_MAX, resume = 0;

	while (t < size) {
		bool left = p < pattern_size;
		bool escaped = left && pattern[p] == '\\' && p + 1 < pattern_size;
		uint8_t want = left ? pattern[p + escaped] : 0;

		if (left && !escaped && want == '*') {
			star = ++p;
			resume = t;
		} else if (left && ((!escaped && want == '?') || want == text[t])) {
			p += 1u + escaped;
			t++;
		} else if (star != SIZE_MAX) {
			p = star;
			t = ++resume;
		} else {
			return false;
		}
	}
	while (p < pattern_size && pattern[p] == '*')
		p++;
	return p == pattern_size;
}

/* The loader has seen to it that the stack suffices and nothing is missing. */
static bool step_holds(const struct policy *p, const struct policy_step *s, const struct facts *f)
{
	const uint8_t *at = p->code + s->code, *end = at + s->code_size;
	bool stack[POLICY_MAX_STACK + 1];
	uint32_t depth = 0;

	while (at < end) {
		switch (*at++) {
		case CODE_FALSE:
			stack[depth++] = false;
			break;
		case CODE_TRUE:
			stack[depth++] = true;
			break;
		case CODE_NOT:
			stack[depth - 1] = !stack[depth - 1];
			break;
		case CODE_AND:
			depth--;
			stack[depth - 1] = stack[depth - 1] && stack[depth];
			break;
		case CODE_OR:
			depth--;
			stack[depth - 1] = stack[depth - 1] || stack[depth];
			break;
		default:
			stack[depth++] = test_holds(p, &p->test[(uint32_t)(at[0] | at[1] << 8)], f);
			at += 2;
			break;
		}
	}
	return stack[0];
}

static const struct policy_call *call_of(const struct policy *p, int number)
{
	uint32_t low = 0, high = p->calls;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (p->call[middle].number == number)
			return &p->call[middle];
		if (p->call[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

struct policy_verdict policy_judge(const struct policy *p, const struct facts *facts)
{
	const struct policy_call *c = call_of(p, facts->number);

	if (p->judge)
		return p->judge(p->context, facts);
	for (uint32_t i = 0; c && i < c->steps; i++) {
		const struct policy_step *s = &p->step[c->first + i];

		if (step_holds(p, s, facts))
			return p->rule[s->rule];
	}
	return p->fallback;
}

bool policy_asks(const struct policy *p, int number)
{
	const struct policy_call *c = call_of(p, number);

	return c && c->asks;
}

struct policy_needs policy_needs(const struct policy *p, int number)
{
	const struct policy_call *c = call_of(p, number);

	return c ? c->needs : (struct policy_needs){ 0 };
}

const struct policy_call *policy_asks_beyond(const struct policy *p, const int *numbers)
{
	for (uint32_t i = 0; i < p->calls; i++) {
		const int *known = numbers;

		while (*known != -1 && *known != p->call[i].number)
			known++;
		if (p->call[i].asks && *known == -1)
			return &p->call[i];
	}
	return NULL;
}
