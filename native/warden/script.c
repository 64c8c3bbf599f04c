// SPDX-License-Identifier: Apache-2.0
#include "image.h"

#include <string.h>

static bool is_blank(char b)
{
	return b == ' ' || b == '\t';
}

static size_t skip_blank(const char *head, size_t at, size_t end)
{
	while (at < end && is_blank(head[at]))
		at++;
	return at;
}

static void copy_word(char *out, const char *from, size_t n, size_t size)
{
	if (n >= size)
		n = size - 1;
	memcpy(out, from, n);
	out[n] = '\0';
}

/* As fs/binfmt_script.c does it: the rest of the line after the interpreter is one argument. */
int image_parse_script(const char *head, size_t n, char *interpreter, char *argument, size_t size)
{
	size_t at, word, end;
	const char *newline, *nul;
	bool cut;

	if (n < 2 || head[0] != '#' || head[1] != '!')
		return 0;
	newline = memchr(head, '\n', n);
	cut = !newline && n >= IMAGE_HEAD; /* the kernel looks no further */
	end = newline ? (size_t)(newline - head) : cut ? IMAGE_HEAD - 1 : n;
	nul = memchr(head, '\0', end);
	if (nul)
		end = (size_t)(nul - head);
	while (end > 2 && is_blank(head[end - 1]))
		end--;
	word = skip_blank(head, 2, end);
	for (at = word; at < end && !is_blank(head[at]); at++)
		;
	/* Without a word, or with one that is cut off, the kernel says ENOEXEC. */
	if (at == word || (cut && !nul && at == IMAGE_HEAD - 1))
		return 0;
	copy_word(interpreter, head + word, at - word, size);
	at = skip_blank(head, at, end);
	copy_word(argument, head + at, end - at, size);
	return 1;
}
