/* SPDX-License-Identifier: Apache-2.0 */
/* A profile as what a run is held to: rights by path, endpoints, ports. */
#ifndef PF_RULES_H
#define PF_RULES_H

#include "profile.h"

#include "../policy.h"

#include <limits.h>
#include <sys/stat.h>
#include <sys/types.h>

/* What may be done with a file. Those of a directory are those of all beneath it, but for those that have IT in their names. */
enum {
	RIGHT_READ = 1, /* open it for reading; of a directory, its list */
	RIGHT_RUN = 2,	/* execute it, or map it as a program's loader */
	RIGHT_WRITE =
		4, /* open it for writing, truncate it, change its attributes, connect to it */
	RIGHT_NAMES = 8,    /* make and remove names; not that of the rule's own directory */
	RIGHT_LIST_IT = 16, /* the list of this very directory */
	/*
	 * Of a directory: make names in it, and do what one likes with what has them, but to run it;
	 * remove or replace a name that was there at the start only if the rule for that one allows it.
	 */
	RIGHT_NAMES_IT = 32,
	RIGHT_ITS_NAME = 64 /* of what was not there at the start: make and remove its own name */
};

struct rules {
	struct bag paths; /* flags: rights */
	struct bag there; /* names that directories with RIGHT_NAMES_IT had at the start */
	const struct bag *allow, *bind;
	bool execs; /* the profile lists execve or execveat; else the first one is all there is */
	/*
	 * Rules that name what was not there at the start, rules for /proc of processes, and rules
	 * whose path is a link or leads through one: what it leads to is under no such rule.
	 */
	uint32_t missing, by_process, links;
	char missed[PATH_MAX]; /* of those that were not there the first, or where it failed */
};

/*
 * An O_PATH of what is there by this very name, and what it is: a link is not followed. -ELOOP where
 * one is on the way, or -errno.
 */
int rules_hold(const char *path, struct stat *st);
/* Looks at what each path is now. `profile` has to live on. 0, -ENOMEM, or -errno with the path that it failed at. */
int rules_take(const struct profile *profile, struct rules *out);
/* Of an absolute path without links, as the caller's root has it. */
unsigned rules_rights(const struct rules *rules, const char *path, pid_t caller);
/* The same without the rule for that very path: what a new name there would have. */
unsigned rules_rights_above(const struct rules *rules, const char *path, pid_t caller);
void rules_free(struct rules *rules);
/* For policy.judge, with rules as its context. */
struct policy_verdict rules_judge(const void *rules, const struct facts *facts);

#endif
