/* SPDX-License-Identifier: Apache-2.0 */
/* A profile's rules for files, as the kernel itself holds somebody to them (landlock(7)). */
#ifndef PF_LANDLOCK_H
#define PF_LANDLOCK_H

#include "rules.h"

/* 0: the kernel has none, or one that forbids every rename (before Linux 5.19). */
int landlock_usable_abi(void);
/*
 * Whether it comes to the same as what rules_judge says, whatever happens meanwhile. If not, *why is
 * what it cannot say.
 */
bool landlock_can_say(const struct rules *rules, const char **why);
/* A ruleset's fd, or -errno with the path that it failed at in rules->missed. */
int landlock_ruleset(struct rules *rules);
/* The calling thread, which has no_new_privs, and all that it makes. 0 or -errno. */
int landlock_restrict(int ruleset);

#endif
