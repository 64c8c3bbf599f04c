/* SPDX-License-Identifier: Apache-2.0 */
/* `warden run -p`: a profile as a policy, and what its command is put under besides. */
#ifndef PF_CONFINE_H
#define PF_CONFINE_H

#include "rules.h"

#include "../command.h"
#include "../filter.h"
#include "../options.h"

struct confinement {
	struct profile profile;
	struct rules rules;
	struct policy policy;
	struct filter calls;
	int ruleset; /* -1: the warden judges files */
	struct command command;
};

/* Reads the file and makes all of it ready. 0, or what the process ends with, having said why. */
int confine(const char *path, enum files_mode files, struct confinement *out);
/* A launch_body, for a confinement whose command is ready. */
void confine_exec(void *confinement);

#endif
