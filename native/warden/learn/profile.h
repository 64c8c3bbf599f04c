/* SPDX-License-Identifier: Apache-2.0 */
/* From what was seen to what is allowed, and to the file that says so (docs/learn.md). */
#ifndef PF_PROFILE_H
#define PF_PROFILE_H

#include "seen.h"
#include "cow.h"

#include <stdio.h>

struct profile {
	struct bag read,
		write; /* paths; a directory stands for all beneath it, one that ends in /. for its list alone */
	struct bag allow; /* endpoints */
	struct bag bind;  /* ports */
	struct bag calls;
	const struct seen *seen;
	char **command;
	bool partial;	 /* the workload did not come to its end */
	uint32_t unsaid; /* paths that no TOML can hold */
};

/* 0, or -ENOMEM. The profile keeps pointers to what was seen. */
int profile_make(const struct seen *seen, const struct cow *cow, struct profile *out);
void profile_write(const struct profile *p, FILE *f);
void profile_free(struct profile *p);

#endif
