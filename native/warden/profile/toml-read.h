/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TOML 1.0, read item by item: tables, keys, strings on one line, integers, booleans and arrays of
 * them. What profiles have no use for (dates, floats, tables in one line, dotted keys, strings over several lines) is told
 * apart from what is wrong.
 */
#ifndef PF_TOML_READ_H
#define PF_TOML_READ_H

#include "toml.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum toml_kind {
	TOML_TABLE, /* text: its name, with the dots */
	TOML_KEY,
	TOML_STRING,
	TOML_INTEGER,
	TOML_BOOL,	/* number: 0 or 1 */
	TOML_ARRAY,	/* its items come next */
	TOML_ARRAY_END, /* and so does what follows them */
	TOML_COMMENT,	/* text: without the sign */
	TOML_END,
	TOML_WRONG, /* text: why */
};

struct toml_item {
	enum toml_kind kind;
	unsigned line, column; /* from 1; columns are bytes */
	const char *text;      /* with a NUL behind it, good until the next item */
	size_t length;
	int64_t number;
};

struct toml_reader {
	const char *text;
	size_t size, at;
	unsigned line;
	size_t line_start;
	enum {
		TOML_AT_LINE,
		TOML_AT_VALUE,
		TOML_IN_ARRAY,
		TOML_BEHIND_ITEM,
		TOML_BEHIND_VALUE,
		TOML_OVER
	} state;
	char room[TOML_STRING_MOST + 1];
};

void toml_read(struct toml_reader *r, const char *text, size_t size);
/* Behind TOML_END and TOML_WRONG there is TOML_END alone. */
struct toml_item toml_next(struct toml_reader *r);

#endif
