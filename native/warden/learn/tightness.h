/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How tight a profile is: of deeds like those that were seen, but with another file, address, call or
 * argument, how many it refuses. They are really tried: once free, and once under the profile.
 */
#ifndef PF_TIGHTNESS_H
#define PF_TIGHTNESS_H

#include "../profile/profile.h"
#include "seen.h"

/* Fills profile->tightness. Tries to open, to make and remove an empty file, to connect; changes nothing else. */
void tightness_measure(struct profile *profile, const struct seen *seen);

#endif
