/* SPDX-License-Identifier: Apache-2.0 */
/* A command, once more, under the profile that was made of it. */
#ifndef PF_PROVE_H
#define PF_PROVE_H

#include "../profile/profile.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * In a process of its own; its events go to `events`, -1: nowhere. Not held, for a control lane: under
 * a policy that allows everything. It is killed after limit_ns; 0: it takes as long as it takes. What
 * it ends with, as `warden run` would.
 */
int prove(const struct profile *profile, char **command, bool held, int events, uint64_t limit_ns);

#endif
