/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Of a caller with another root things have two names: as seen from there, and where they are for us.
 * Policies mean the one or the other, so both are judged.
 */
#ifndef PF_DEEP_NAMES_H
#define PF_DEEP_NAMES_H

#include "judge.h"

/* A reason: both backends give the same one. */
#define ELSEWHERE                                                                                  \
	"it is reached by another mount namespace, where names are not those of the policy"

/* What was found, by its names. */
void names_of_open(const struct found *object, struct subject *out);
void names_of_socket(const struct deep_call *c, const struct found *object, struct subject *out);
/* The name that we have for a place in a view, besides that which the caller has. */
void names_of_place(const struct view *v, const char *place, struct subject *out);

/* Whether the policy looks at names, and what we know are none of ours. */
bool names_mislead(const struct policy *p, const struct deep_call *c, const struct subject *s);
/* A no by any of the names is one, the first's first; *s becomes the subject that decided. */
struct policy_verdict names_judge(const struct policy *p, const struct deep_call *c,
				  const struct subject **s);

#endif
