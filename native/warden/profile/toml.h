/* SPDX-License-Identifier: Apache-2.0 */
/* TOML 1.0, as much of it as profiles use, written. */
#ifndef PF_TOML_H
#define PF_TOML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Bytes of a string, escapes resolved: more than the longest word of a command where pages have 4 KiB
 * (MAX_ARG_STRLEN of include/uapi/linux/binfmts.h).
 */
#define TOML_STRING_MOST 131072u

/* Whether a text of any bytes can stand in TOML and be read again: all of it is UTF-8, without NUL, and not too long. */
bool toml_can(const char *text, size_t n);
/* A basic string with its quotes, of a text that can. */
void toml_string(FILE *f, const char *text, size_t n);

#endif
