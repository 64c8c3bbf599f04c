// SPDX-License-Identifier: Apache-2.0
#include "toml.h"

#include <stdint.h>

/* Bytes of the character at the front, or 0 where there is none: RFC 3629, so no surrogates, nothing overlong. */
static size_t character(const unsigned char *at, size_t n, uint32_t *out)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = at[0] < 0x80   ? 1
			: at[0] < 0xc2 ? 0
			: at[0] < 0xe0 ? 2
			: at[0] < 0xf0 ? 3
			: at[0] < 0xf5 ? 4
				       : 0;
	uint32_t value = length > 1 ? at[0] & (0x7fu >> length) : at[0];

	if (!length || length > n)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (at[i] & 0x3fu);
	}
	if (value < least[length] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 0;
	*out = value;
	return length;
}

bool toml_can(const char *text, size_t n)
{
	const unsigned char *at = (const unsigned char *)text, *end = at + n;
	uint32_t value;

	if (n > TOML_STRING_MOST)
		return false;
	while (at < end) {
		size_t length = character(at, (size_t)(end - at), &value);

		if (!length || !value)
			return false;
		at += length;
	}
	return true;
}

/* Controls, and marks that turn the direction of what stands around them (Unicode 16, Bidi_Control). */
static bool is_hidden(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

void toml_string(FILE *f, const char *text, size_t n)
{
	const unsigned char *at = (const unsigned char *)text, *end = at + n;

	fputc('"', f);
	while (at < end) {
		uint32_t value;
		size_t length = character(at, (size_t)(end - at), &value);

		if (!length)
			break;
		if (is_hidden(value))
			fprintf(f, "\\u%04x", value);
		else if (value == '"' || value == '\\')
			fprintf(f, "\\%c", (char)value);
		else
			fwrite(at, 1, length, f);
		at += length;
	}
	fputc('"', f);
}
