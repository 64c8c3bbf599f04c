/* SPDX-License-Identifier: Apache-2.0 */
/* From a profile to what the kernel is given: which calls there are at all, and which are asked about. */
#ifndef PF_COMPILE_H
#define PF_COMPILE_H

#include "rules.h"

#include "../filter.h"

/*
 * `landlock` is the ABI of the Landlock that will hold the command; 0: none will, and all files are
 * asked about.
 *
 * `calls` is for the command alone, on top of the warden's own filter: what the profile does not list
 * is EPERM, what it cannot know is ENOSYS. `asks` is the policy that the warden's filter is built of.
 * 0, or -EINVAL with why such a profile cannot be held to.
 */
int profile_compile(const struct profile *p, const struct rules *rules, int landlock,
		    struct policy *asks, struct filter *calls, char *why, size_t size);

#endif
