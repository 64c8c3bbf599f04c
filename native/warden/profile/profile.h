/* SPDX-License-Identifier: Apache-2.0 */
/* What is allowed, and the file that says so (docs/learn.md). */
#ifndef PF_PROFILE_H
#define PF_PROFILE_H

#include "bag.h"

#include <stdbool.h>
#include <stdint.h>

#include <stdio.h>

struct words {
	uint32_t count;
	char **at; /* with NULL behind the last */
};

/* Of what like deeds are varied. */
enum tightness_kind { TIGHT_FILES, TIGHT_ADDRESSES, TIGHT_CALLS, TIGHT_ARGUMENTS, TIGHT_KINDS };

struct tightness {
	bool measured;
	uint32_t tried[TIGHT_KINDS], refused[TIGHT_KINDS];
	struct words let; /* what it lets through, for people */
};

/* In each bag an entry's times is how often it was seen, and its flags in how many runs. */
struct profile {
	struct words program; /* its path first; count 0: not said */
	struct bag read,
		write; /* paths; a directory stands for all beneath it, one that ends in /. for its list alone */
	struct bag allow; /* endpoints */
	struct bag bind;  /* ports */
	struct bag calls;
	bool calls_said; /* else the profile is not about calls: all may be made that can be held to the rest */
	uint64_t memory_kib, disk_kib; /* 0: not said, as below */
	uint32_t processes, open_files;
	uint32_t runs; /* that all this was seen in */
	bool partial;  /* a workload did not come to its end */
	/* Of one run: paths that no TOML can hold, and what learn/seen.h has of these names. */
	uint64_t unsaid, unproven, unnamed, foreign, opaque;
	struct tightness tightness;
	struct words names, requests; /* as learn/seen.h has them */
};

struct profile_error {
	unsigned line, column; /* 0: of the whole */
	char text[256];
};

/* 0, or -EINVAL with what is wrong and where. */
int profile_read(const char *text, size_t size, struct profile *out, struct profile_error *error);
/* A file, likewise. 0, or what the process ends with, having said why. */
int profile_load(const char *path, struct profile *out);
/* What was seen in any of both; the program is that of `into`. 0, or -ENOMEM. */
int profile_merge(struct profile *into, const struct profile *other);
void profile_write(struct profile *p, FILE *f);
void profile_free(struct profile *p);
/* A copy of it. 0, or -ENOMEM. */
int words_add(struct words *words, const char *word);

#endif
