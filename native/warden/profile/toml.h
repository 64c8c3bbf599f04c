/* SPDX-License-Identifier: Apache-2.0 */
/* TOML 1.0, as much of it as profiles use, written. */
#ifndef PF_TOML_H
#define PF_TOML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Whether a text of any bytes can stand in TOML: all of it is UTF-8, without NUL. */
bool toml_can(const char *text, size_t n);
/* A basic string with its quotes, of a text that can. */
void toml_string(FILE *f, const char *text, size_t n);

#endif
