// SPDX-License-Identifier: Apache-2.0
#include "jsonl.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void put(struct jsonl *j, const char *bytes, size_t n)
{
	if (j->overflow || n > sizeof(j->buf) - j->len) {
		j->overflow = true;
		return;
	}
	memcpy(j->buf + j->len, bytes, n);
	j->len += n;
}

static void put_decimal(struct jsonl *j, uint64_t value)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	put(j, digits + at, sizeof(digits) - at);
}

static void put_escaped(struct jsonl *j, unsigned char byte)
{
	static const char hex[] = "0123456789abcdef";
	const char by_name[2] = { '\\', (char)byte };
	const char by_number[6] = { '\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15] };

	if (byte == '"' || byte == '\\')
		put(j, by_name, sizeof(by_name));
	else
		put(j, by_number, sizeof(by_number));
}

/* Printable ASCII that stands for itself: all but the quote and the backslash. */
static const bool plain[256] = {
	[' ' ... '"' - 1] = true,
	['"' + 1 ... '\\' - 1] = true,
	['\\' + 1 ... '~'] = true,
};

static void put_quoted(struct jsonl *j, const void *bytes, size_t n)
{
	const unsigned char *b = bytes;

	put(j, "\"", 1);
	for (size_t i = 0; i < n && !j->overflow; i++) {
		if (!plain[b[i]])
			put_escaped(j, b[i]);
		else if (j->len < sizeof(j->buf))
			j->buf[j->len++] = (char)b[i];
		else
			j->overflow = true;
	}
	put(j, "\"", 1);
}

static void put_key(struct jsonl *j, const char *key)
{
	if (j->comma)
		put(j, ",", 1);
	j->comma = true;
	if (!key)
		return;
	put(j, "\"", 1);
	put(j, key, strlen(key)); /* a literal of ours, all of it plain */
	put(j, "\":", 2);
}

static void open_scope(struct jsonl *j, const char *key, const char *bracket)
{
	put_key(j, key);
	put(j, bracket, 1);
	j->comma = false;
}

static void close_scope(struct jsonl *j, const char *bracket)
{
	put(j, bracket, 1);
	j->comma = true;
}

uint64_t jsonl_now(void)
{
	struct timespec now;

	/* Cannot fail: CLOCK_MONOTONIC always exists and the pointer is ours. */
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void jsonl_begin(struct jsonl *j, const char *event)
{
	jsonl_begin_at(j, event, jsonl_now());
}

void jsonl_begin_at(struct jsonl *j, const char *event, uint64_t t_ns)
{
	j->len = 0;
	j->overflow = false;
	j->comma = false;
	put(j, "{\"t\":", 5);
	put_decimal(j, t_ns);
	j->comma = true;
	jsonl_str(j, "event", event, strlen(event));
}

void jsonl_str(struct jsonl *j, const char *key, const void *bytes, size_t n)
{
	put_key(j, key);
	put_quoted(j, bytes, n);
}

void jsonl_int(struct jsonl *j, const char *key, long long value)
{
	put_key(j, key);
	if (value < 0)
		put(j, "-", 1);
	put_decimal(j, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void jsonl_bool(struct jsonl *j, const char *key, bool value)
{
	put_key(j, key);
	put(j, value ? "true" : "false", value ? 4 : 5);
}

void jsonl_null(struct jsonl *j, const char *key)
{
	put_key(j, key);
	put(j, "null", 4);
}

void jsonl_array_begin(struct jsonl *j, const char *key)
{
	open_scope(j, key, "[");
}

void jsonl_element(struct jsonl *j, const void *bytes, size_t n)
{
	put_key(j, NULL);
	put_quoted(j, bytes, n);
}

void jsonl_array_end(struct jsonl *j)
{
	close_scope(j, "]");
}

void jsonl_object_begin(struct jsonl *j, const char *key)
{
	open_scope(j, key, "{");
}

void jsonl_object_end(struct jsonl *j)
{
	close_scope(j, "}");
}

int jsonl_end(struct jsonl *j)
{
	put(j, "}\n", 2);
	return j->overflow ? -E2BIG : 0;
}

int jsonl_send(struct jsonl *j, int fd)
{
	int err = jsonl_end(j);
	ssize_t written;

	if (err)
		return err;
	do {
		written = write(fd, j->buf, j->len);
	} while (written < 0 && errno == EINTR);
	if (written < 0)
		return -errno;
	return (size_t)written == j->len ? 0 : -EIO;
}
