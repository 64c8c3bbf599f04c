/* SPDX-License-Identifier: Apache-2.0 */
/* From what was seen to what is allowed. */
#ifndef PF_MAKE_H
#define PF_MAKE_H

#include "../profile/profile.h"
#include "cow.h"
#include "seen.h"

/* 0, or -ENOMEM. `program` is the path that was executed, `words` are the command's. */
int profile_make(const struct seen *seen, const struct cow *cow, const char *program, char **words,
		 struct profile *out);

#endif
