/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles for people: fewer rules, and what is different between two. */
#ifndef PF_GENERALIZE_H
#define PF_GENERALIZE_H

#include "profile.h"

#include <stdio.h>

/*
 * Where `least` or more rules of a kind are for names in one directory they become one rule, for all
 * beneath it. Never for a directory at the top, and never over a guarded place, such as /etc itself or
 * somebody's keys. `home` is guarded, too, or NULL. 0 or -ENOMEM.
 */
int profile_collapse(struct profile *p, unsigned least, const char *home);
/* Says what the one has and the other has not, a line each. Whether there is any difference. */
bool profile_diff(struct profile *before, struct profile *after, FILE *f);

#endif
