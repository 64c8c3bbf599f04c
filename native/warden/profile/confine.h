/* SPDX-License-Identifier: Apache-2.0 */
/* `warden run -p`: a profile as a policy, and what its command is put under besides. */
#ifndef PF_CONFINE_H
#define PF_CONFINE_H

#include "rules.h"

#include "../command.h"
#include "../filter.h"
#include "../options.h"

struct confinement {
	const struct profile *profile;
	struct rules rules;
	struct policy policy;
	struct filter calls;
	int ruleset; /* -1: the warden judges files */
	struct command command;
};

/*
 * Makes all of it ready, for a profile that has to live on and is called so in what is said. 0, or
 * what the process ends with, having said why.
 */
int confine_made(const char *name, const struct profile *profile, enum files_mode files,
		 struct confinement *out);
void confine_release(struct confinement *c);
/* The calling process, for good, once it is under the warden's filter; its limits aside. */
void confine_enter(struct confinement *c);
/* A launch_body, for a confinement whose command is ready: all of it. */
void confine_exec(void *confinement);

#endif
