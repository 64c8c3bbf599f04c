/* SPDX-License-Identifier: Apache-2.0 */
/* A pull parser for the one JSON document the host writes: the caller asks for what must come next.
 */
#ifndef PF_JSON_H
#define PF_JSON_H

#include <stdbool.h>
#include <stddef.h>

struct json {
	const char *at, *end;
	char *arena; /* where strings are unescaped to, each with a NUL */
	size_t room;
	bool bad; /* sticky: the text was not what was asked for */
};

void json_init(struct json *j, const char *text, size_t n, char *arena, size_t arena_size);

/* Enters an object or array. */
void json_open(struct json *j, char bracket);
/* True while another member follows; consumes the comma, or the closing bracket when it is the
 * last. */
bool json_next(struct json *j, char closing, bool *first);
/* A string, unescaped into the arena; "" after an error. Code points above 0xff are an error. */
const char *json_string(struct json *j);
/* A string and its colon. */
const char *json_key(struct json *j);
long long json_integer(struct json *j);
bool json_boolean(struct json *j);
/* True when the whole text was consumed without an error. */
bool json_done(struct json *j);

#endif
