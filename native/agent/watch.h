/* SPDX-License-Identifier: Apache-2.0 */
/* The hooks of a job (docs/formats.md), decoded. */
#ifndef PF_WATCH_H
#define PF_WATCH_H

#include "photofinish_uapi.h"

#include <stddef.h>

/*
 * Decodes base64, with padding, into `out`. How many bytes; -EINVAL for what is not base64, -E2BIG
 * for more than `room` bytes.
 */
long watch_base64(const char *text, unsigned char *out, size_t room);

/*
 * A hook from a word of the job; its program is in `program`. 0, or -EINVAL for a word whose length
 * and program do not agree. What the hook says is for the module to judge.
 */
int watch_decode(const char *word, struct pf_hook *hook,
		 struct sock_filter program[PF_PROGRAM_MOST]);

#endif
