/* SPDX-License-Identifier: Apache-2.0 */
/* Hooks with one thing wrong each: one for each thing that the module looks at before it takes a hook. */
#ifndef PF_KIT_WRONG_HOOKS_H
#define PF_KIT_WRONG_HOOKS_H

#include "photofinish_uapi.h"

#include <stdint.h>

struct wrong_hook {
	struct pf_hook hook;
	/* What becomes hook.program; NULL: that is right as it is. */
	const struct sock_filter *program;
	int error;
	const char *reason;  /* what the module's own begins with */
	uint64_t unless_can; /* it is right where the module has this ability */
};

extern const struct wrong_hook wrong_hooks[];
extern const unsigned wrong_hooks_count;

#endif
