// SPDX-License-Identifier: Apache-2.0
#include "watch.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Four characters, of which only the last two may be padding: how many bytes they are, or -EINVAL. */
static int quartet(const char *four, unsigned char out[3])
{
	int padding = four[3] != '=' ? 0 : four[2] != '=' ? 1 : 2;
	uint32_t bits = 0;

	for (int i = 0; i < 4; i++) {
		int value = i < 4 - padding ? value_of(four[i]) : 0;

		if (value < 0)
			return -EINVAL;
		bits = bits << 6 | (uint32_t)value;
	}
	for (int i = 0; i < 3; i++)
		out[i] = (unsigned char)(bits >> (16 - 8 * i));
	return 3 - padding;
}

long watch_base64(const char *text, unsigned char *out, size_t room)
{
	size_t length = strlen(text), used = 0;

	if (length % 4)
		return -EINVAL;
	for (size_t at = 0; at < length; at += 4) {
		unsigned char three[3];
		int n = quartet(text + at, three);

		if (n < 0 || (n < 3 && at + 4 < length))
			return -EINVAL;
		if ((size_t)n > room - used)
			return -E2BIG;
		memcpy(out + used, three, (size_t)n);
		used += (size_t)n;
	}
	return (long)used;
}

int watch_decode(const char *word, struct pf_hook *hook,
		 struct sock_filter program[PF_PROGRAM_MOST])
{
	static unsigned char bytes[sizeof(*hook) + PF_PROGRAM_MOST * sizeof(*program)];
	long n = watch_base64(word, bytes, sizeof(bytes));

	if (n < (long)sizeof(*hook))
		return -EINVAL;
	memcpy(hook, bytes, sizeof(*hook));
	if (hook->program || hook->length > PF_PROGRAM_MOST ||
	    (size_t)n - sizeof(*hook) != hook->length * sizeof(*program))
		return -EINVAL;
	memcpy(program, bytes + sizeof(*hook), hook->length * sizeof(*program));
	hook->program = hook->length ? (uintptr_t)program : 0;
	return 0;
}
