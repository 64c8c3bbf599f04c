// SPDX-License-Identifier: Apache-2.0
#include "json.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

void json_init(struct json *j, const char *text, size_t n, char *arena, size_t arena_size)
{
	*j = (struct json){ .at = text, .end = text + n, .arena = arena, .room = arena_size };
}

static void skip_space(struct json *j)
{
	while (j->at < j->end && strchr(" \t\r\n", *j->at) && *j->at)
		j->at++;
}

static bool take(struct json *j, char c)
{
	skip_space(j);
	if (j->bad || j->at == j->end || *j->at != c)
		return false;
	j->at++;
	return true;
}

static void want(struct json *j, char c)
{
	if (!take(j, c))
		j->bad = true;
}

void json_open(struct json *j, char bracket)
{
	want(j, bracket);
}

bool json_next(struct json *j, char closing, bool *first)
{
	if (j->bad || take(j, closing))
		return false;
	if (!*first)
		want(j, ',');
	*first = false;
	return !j->bad;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The byte that \uXXXX stands for, or -1: one code point is one byte (docs/formats.md). */
static int unicode_escape(struct json *j)
{
	int value = 0;

	for (int i = 0; i < 4; i++) {
		int digit = j->at < j->end ? hex_digit(*j->at++) : -1;

		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value <= 0xff ? value : -1;
}

static int escaped_byte(struct json *j)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *found;
	char c;

	if (j->at == j->end)
		return -1;
	c = *j->at++;
	if (c == 'u')
		return unicode_escape(j);
	found = c ? strchr(from, c) : NULL;
	return found ? to[found - from] : -1;
}

static bool put(struct json *j, char c)
{
	if (!j->room)
		return false;
	*j->arena++ = c;
	j->room--;
	return true;
}

const char *json_string(struct json *j)
{
	char *start = j->arena;

	want(j, '"');
	while (!j->bad) {
		int c = j->at < j->end ? (unsigned char)*j->at++ : -1;

		if (c == '"') {
			if (put(j, '\0'))
				return start;
			c = -1;
		} else if (c == '\\') {
			c = escaped_byte(j);
		} else if (c < 0x20) {
			c = -1;
		}
		/* A NUL would cut the string short in whoever reads it. */
		if (c <= 0 || !put(j, (char)c))
			j->bad = true;
	}
	return "";
}

const char *json_key(struct json *j)
{
	const char *key = json_string(j);

	want(j, ':');
	return j->bad ? "" : key;
}

long long json_integer(struct json *j)
{
	bool negative = take(j, '-');
	long long value = 0;
	bool any = false;

	skip_space(j);
	while (!j->bad && j->at < j->end && *j->at >= '0' && *j->at <= '9') {
		if (value > (LLONG_MAX - 9) / 10)
			j->bad = true;
		else
			value = value * 10 + (*j->at++ - '0');
		any = true;
	}
	if (!any)
		j->bad = true;
	return negative ? -value : value;
}

static bool literal(struct json *j, const char *word)
{
	size_t n = strlen(word);

	skip_space(j);
	if (j->bad || (size_t)(j->end - j->at) < n || memcmp(j->at, word, n) != 0)
		return false;
	j->at += n;
	return true;
}

bool json_boolean(struct json *j)
{
	if (literal(j, "true"))
		return true;
	if (!literal(j, "false"))
		j->bad = true;
	return false;
}

bool json_done(struct json *j)
{
	skip_space(j);
	return !j->bad && j->at == j->end;
}
