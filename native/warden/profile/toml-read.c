// SPDX-License-Identifier: Apache-2.0
#include "toml-read.h"

#include <string.h>

void toml_read(struct toml_reader *r, const char *text, size_t size)
{
	r->text = text;
	r->size = size;
	r->at = r->line_start = 0;
	r->line = 1;
	r->state = TOML_AT_LINE;
}

static int peek(const struct toml_reader *r)
{
	return r->at < r->size ? (unsigned char)r->text[r->at] : -1;
}

static struct toml_item item(const struct toml_reader *r, enum toml_kind kind, size_t at)
{
	return (struct toml_item){ .kind = kind,
				   .line = r->line,
				   .column = (unsigned)(at - r->line_start + 1) };
}

static struct toml_item wrong(struct toml_reader *r, size_t at, const char *why)
{
	struct toml_item out = item(r, TOML_WRONG, at);

	r->state = TOML_OVER;
	out.text = why;
	out.length = strlen(why);
	return out;
}

static void skip_blanks(struct toml_reader *r)
{
	while (peek(r) == ' ' || peek(r) == '\t')
		r->at++;
}

/* A line's end, or that of all. */
static bool at_end(const struct toml_reader *r)
{
	return peek(r) == -1 || peek(r) == '\n' ||
	       (peek(r) == '\r' && r->at + 1 < r->size && r->text[r->at + 1] == '\n');
}

static void next_line(struct toml_reader *r)
{
	r->at += peek(r) == '\r' ? 2 : 1;
	r->line++;
	r->line_start = r->at;
}

static struct toml_item kept(struct toml_reader *r, enum toml_kind kind, size_t at,
			     const char *from, size_t n)
{
	struct toml_item out = item(r, kind, at);

	if (n > TOML_STRING_MOST)
		return wrong(r, at, "it is too long");
	memcpy(r->room, from, n);
	r->room[n] = '\0';
	out.text = r->room;
	out.length = n;
	return out;
}

static struct toml_item comment(struct toml_reader *r)
{
	size_t at = r->at++, start = r->at;

	while (!at_end(r))
		if ((unsigned char)r->text[r->at] < ' ' && r->text[r->at] != '\t')
			return wrong(r, r->at, "a control stands in a comment");
		else
			r->at++;
	if (r->at - start > TOML_STRING_MOST) /* nobody needs the rest of it */
		return kept(r, TOML_COMMENT, at, r->text + start, TOML_STRING_MOST);
	return kept(r, TOML_COMMENT, at, r->text + start, r->at - start);
}

static bool is_bare(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

static int digit_of(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Appends a character in UTF-8: RFC 3629. */
static size_t encode(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* Behind a backslash. The bytes that it gives, or 0. */
static size_t escape(struct toml_reader *r, char out[4])
{
	static const char names[] = "btnfr\"\\", meant[] = "\b\t\n\f\r\"\\";
	int c = peek(r), digits = c == 'u' ? 4 : c == 'U' ? 8 : 0;
	const char *name = c > 0 ? strchr(names, c) : NULL;
	uint32_t value = 0;

	r->at++;
	if (name) {
		out[0] = meant[name - names];
		return 1;
	}
	for (int i = 0; i < digits; i++, r->at++) {
		int digit = digit_of(peek(r));

		if (digit < 0)
			return 0;
		value = value << 4 | (uint32_t)digit;
	}
	if (!digits || !value || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 0;
	return encode(value, out);
}

static struct toml_item string(struct toml_reader *r)
{
	size_t at = r->at, used = 0;
	int quote = peek(r);
	struct toml_item out = item(r, TOML_STRING, at);

	r->at++;
	if (r->size - r->at >= 2 && r->text[r->at] == quote && r->text[r->at + 1] == quote)
		return wrong(r, at, "strings over several lines are not used in profiles");
	while (peek(r) != quote) {
		char bytes[4];
		size_t from = r->at, n = 1;

		if (at_end(r))
			return wrong(r, at, "the string has no end");
		bytes[0] = (char)peek(r);
		r->at++;
		if (((unsigned char)bytes[0] < ' ' && bytes[0] != '\t') || bytes[0] == 0x7f)
			return wrong(r, from, "a control stands in a string; \\u writes it");
		if (bytes[0] == '\\' && quote == '"' && !(n = escape(r, bytes)))
			return wrong(r, from, "no such escape");
		if (used + n > TOML_STRING_MOST)
			return wrong(r, at, "it is too long");
		memcpy(r->room + used, bytes, n);
		used += n;
	}
	r->at++;
	r->room[used] = '\0';
	if (!toml_can(r->room, used))
		return wrong(r, at, "the string is no UTF-8");
	out.text = r->room;
	out.length = used;
	return out;
}

static struct toml_item integer(struct toml_reader *r)
{
	size_t at = r->at;
	struct toml_item out = item(r, TOML_INTEGER, at);
	bool negative = peek(r) == '-', some = false;

	if (peek(r) == '-' || peek(r) == '+')
		r->at++;
	if (peek(r) == '0' && r->at + 1 < r->size && digit_of(r->text[r->at + 1]) >= 0)
		return wrong(r, at, "a number does not begin with 0");
	while ((peek(r) >= '0' && peek(r) <= '9') || (some && peek(r) == '_')) {
		int digit = peek(r) - '0';

		if (peek(r) == '_') {
			some = false; /* a digit has to follow */
			r->at++;
			continue;
		}
		if (out.number > (INT64_MAX - digit) / 10)
			return wrong(r, at, "the number is too large");
		out.number = out.number * 10 + digit;
		some = true;
		r->at++;
	}
	if (!some)
		return wrong(r, at, "a string, a number, true, false or a list is expected");
	if (peek(r) == '.' || peek(r) == 'e' || peek(r) == 'E' || peek(r) == '-' ||
	    peek(r) == ':' || is_bare(peek(r)))
		return wrong(r, at,
			     "fractions, dates and other number systems are not used in profiles");
	out.number = negative ? -out.number : out.number;
	return out;
}

static struct toml_item word(struct toml_reader *r, const char *text, int64_t number)
{
	size_t at = r->at, n = strlen(text);
	struct toml_item out = item(r, TOML_BOOL, at);

	if (r->size - at < n || memcmp(r->text + at, text, n) ||
	    (r->size - at > n && is_bare(r->text[at + n])))
		return wrong(r, at, "a string, a number, true, false or a list is expected");
	r->at += n;
	out.number = number;
	return out;
}

static struct toml_item value(struct toml_reader *r)
{
	switch (peek(r)) {
	case '"':
	case '\'':
		return string(r);
	case 't':
		return word(r, "true", 1);
	case 'f':
		return word(r, "false", 0);
	case '{':
		return wrong(r, r->at, "tables in one line are not used in profiles");
	default:
		return integer(r);
	}
}

static struct toml_item table(struct toml_reader *r)
{
	size_t at = r->at++, start = r->at;
	struct toml_item out;

	if (peek(r) == '[')
		return wrong(r, at, "lists of tables are not used in profiles");
	while (is_bare(peek(r)) || peek(r) == '.')
		r->at++;
	if (r->at == start || peek(r) != ']')
		return wrong(r, r->at, "a table is written [name]");
	out = kept(r, TOML_TABLE, at, r->text + start, r->at - start);
	r->at++;
	r->state = out.kind == TOML_WRONG ? TOML_OVER : TOML_BEHIND_VALUE;
	return out;
}

static struct toml_item key(struct toml_reader *r)
{
	size_t start = r->at, end;
	struct toml_item out;

	while (is_bare(peek(r)))
		r->at++;
	end = r->at;
	if (end == start)
		return wrong(r, start, "a key or a table is expected");
	skip_blanks(r);
	if (peek(r) == '.')
		return wrong(r, r->at, "dotted keys are not used in profiles");
	if (peek(r) != '=')
		return wrong(r, r->at, "= is expected");
	out = kept(r, TOML_KEY, start, r->text + start, end - start);
	r->at++;
	if (out.kind != TOML_WRONG)
		r->state = TOML_AT_VALUE;
	return out;
}

static struct toml_item at_value(struct toml_reader *r)
{
	struct toml_item out;

	skip_blanks(r);
	if (peek(r) == '[') {
		out = item(r, TOML_ARRAY, r->at++);
		r->state = TOML_IN_ARRAY;
		return out;
	}
	out = value(r);
	if (out.kind != TOML_WRONG)
		r->state = TOML_BEHIND_VALUE;
	return out;
}

/* Where an item may come, or behind one, where a comma has to. */
static struct toml_item in_array(struct toml_reader *r)
{
	struct toml_item out;

	for (;;) {
		skip_blanks(r);
		if (peek(r) == -1)
			return wrong(r, r->at, "the list has no end");
		if (peek(r) == '#')
			return comment(r);
		if (at_end(r)) {
			next_line(r);
			continue;
		}
		if (peek(r) == ',' && r->state == TOML_BEHIND_ITEM) {
			r->at++;
			r->state = TOML_IN_ARRAY;
			continue;
		}
		break;
	}
	if (peek(r) == ']') {
		out = item(r, TOML_ARRAY_END, r->at++);
		r->state = TOML_BEHIND_VALUE;
		return out;
	}
	if (r->state == TOML_BEHIND_ITEM)
		return wrong(r, r->at, "a comma or ] is expected");
	if (peek(r) == '[')
		return wrong(r, r->at, "lists in lists are not used in profiles");
	out = value(r);
	if (out.kind != TOML_WRONG)
		r->state = TOML_BEHIND_ITEM;
	return out;
}

struct toml_item toml_next(struct toml_reader *r)
{
	switch (r->state) {
	case TOML_OVER:
		return item(r, TOML_END, r->at);
	case TOML_AT_VALUE:
		return at_value(r);
	case TOML_IN_ARRAY:
	case TOML_BEHIND_ITEM:
		return in_array(r);
	case TOML_BEHIND_VALUE:
	case TOML_AT_LINE:
		break;
	}
	for (;;) {
		skip_blanks(r);
		if (peek(r) == '#')
			return comment(r);
		if (peek(r) == -1) {
			r->state = TOML_OVER;
			return item(r, TOML_END, r->at);
		}
		if (at_end(r)) {
			next_line(r);
			r->state = TOML_AT_LINE;
			continue;
		}
		if (r->state == TOML_BEHIND_VALUE)
			return wrong(r, r->at, "nothing else goes on this line");
		return peek(r) == '[' ? table(r) : key(r);
	}
}
