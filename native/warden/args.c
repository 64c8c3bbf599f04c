// SPDX-License-Identifier: Apache-2.0
#include "args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ARGS_FIRST 4096u

void args_free(struct args *a)
{
	free(a->bytes);
	*a = (struct args){ 0 };
}

void args_clear(struct args *a)
{
	a->used = 0;
	a->count = 0;
}

void args_trim(struct args *a)
{
	args_clear(a);
	if (a->capacity > ARGS_KEPT)
		args_free(a);
}

int args_reserve(struct args *a, size_t n)
{
	size_t capacity = a->capacity ? a->capacity : ARGS_FIRST;
	char *bytes;

	if (n > ARGS_MAX || a->used > ARGS_MAX - n)
		return -E2BIG;
	while (capacity < a->used + n)
		capacity *= 2;
	if (capacity == a->capacity)
		return 0;
	bytes = realloc(a->bytes, capacity);
	if (!bytes)
		return -ENOMEM;
	a->bytes = bytes;
	a->capacity = capacity;
	return 0;
}

int args_append(struct args *a, const void *bytes, size_t n)
{
	int err = args_reserve(a, n);

	if (err)
		return err;
	if (n)
		memcpy(a->bytes + a->used, bytes, n);
	a->used += n;
	return 0;
}

int args_close(struct args *a)
{
	int err = args_append(a, "", 1);

	if (!err)
		a->count++;
	return err;
}

int args_push(struct args *a, const char *string)
{
	int err = args_append(a, string, strlen(string) + 1);

	if (!err)
		a->count++;
	return err;
}

const char *args_at(const struct args *a, size_t i)
{
	const char *at = a->bytes;

	if (i >= a->count)
		return NULL;
	while (i--)
		at += strlen(at) + 1;
	return at;
}

int args_copy_tail(struct args *to, const struct args *from, size_t first)
{
	const char *at = args_at(from, first);
	int err;

	if (!at)
		return 0;
	err = args_append(to, at, (size_t)(from->bytes + from->used - at));
	if (!err)
		to->count += from->count - first;
	return err;
}

bool args_match(const struct args *approved, const char *cmdline, size_t n)
{
	if (approved->count == 0)
		return n == 0 || (n == 1 && cmdline[0] == '\0');
	return n == approved->used && !memcmp(approved->bytes, cmdline, n);
}
