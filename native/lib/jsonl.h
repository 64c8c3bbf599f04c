/* SPDX-License-Identifier: Apache-2.0 */
/* One JSON object a line, in a buffer of fixed size, sent with one write. */
#ifndef PF_JSONL_H
#define PF_JSONL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longest line with its newline; below PIPE_BUF (4096), so one write is atomic (pipe(7)). */
#define JSONL_MAX 3500

struct jsonl {
	size_t len;
	bool overflow; /* something did not fit: the line will not be sent */
	bool comma;    /* the next member needs a comma before it */
	char buf[JSONL_MAX];
};

/* Starts {"t":<CLOCK_MONOTONIC ns>,"event":"<event>". The event's name is a literal of ours. */
void jsonl_begin(struct jsonl *j, const char *event);
/* The same with a time taken elsewhere, in ns of CLOCK_MONOTONIC. */
void jsonl_begin_at(struct jsonl *j, const char *event, uint64_t t_ns);

/* Any bytes: what is not printable ASCII becomes \u00XX, one code point a byte. */
void jsonl_str(struct jsonl *j, const char *key, const void *bytes, size_t n);
void jsonl_int(struct jsonl *j, const char *key, long long value);
void jsonl_bool(struct jsonl *j, const char *key, bool value);
void jsonl_null(struct jsonl *j, const char *key);

void jsonl_array_begin(struct jsonl *j, const char *key);
void jsonl_element(struct jsonl *j, const void *bytes, size_t n);
void jsonl_array_end(struct jsonl *j);

void jsonl_object_begin(struct jsonl *j, const char *key);
void jsonl_object_end(struct jsonl *j);

/* Closes the object and the line. Returns 0, or -E2BIG when it did not fit. */
int jsonl_end(struct jsonl *j);
/* jsonl_end, then one write to fd. Returns 0, -E2BIG, or write's -errno (-EIO when it was short).
 */
int jsonl_send(struct jsonl *j, int fd);

/* CLOCK_MONOTONIC in ns. */
uint64_t jsonl_now(void);

#endif
