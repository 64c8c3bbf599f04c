/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hooks that the seed alone makes up. What they do to calls they do to getsid(2), which nobody here
 * minds; what they do to tasks is short.
 */
#ifndef PF_KIT_ANY_HOOK_H
#define PF_KIT_ANY_HOOK_H

#include "kit.h"
#include "photofinish_uapi.h"

#define ANY_PROGRAM_MOST 12

struct any_hook {
	struct pf_hook hook; /* points to the program beside it, so it is not to be moved */
	struct sock_filter program[ANY_PROGRAM_MOST];
};

/* One that the module takes, if this kernel can do it; of the kinds that `info` has. */
void any_hook(struct kit *kit, const struct pf_info *info, struct any_hook *any);
/* Some fields or bytes of it become something else; it may still be right. */
void any_hook_spoil(struct kit *kit, struct any_hook *any);

#endif
