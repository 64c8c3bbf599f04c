/* SPDX-License-Identifier: Apache-2.0 */
/* The seccomp program that says which calls the warden is asked about. */
#ifndef PF_FILTER_H
#define PF_FILTER_H

#include "arch/arch.h"

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

#define FILTER_MAX 48

struct filter {
	uint32_t ask; /* the action of calls that are asked about */
	unsigned short length;
	bool overflow;
	struct sock_filter code[FILTER_MAX];
};

enum filter_forks {
	FORKS_TRACKED, /* asked about; what would escape ptrace's fork events is refused */
	FORKS_SEEN,    /* asked about */
	FORKS_FREE,    /* not asked about */
};

/* Returns 0 or -E2BIG. */
int filter_build(const struct arch_ops *ops, enum filter_forks forks, uint32_t ask,
		 struct filter *out);
/* One call is asked about, everything else is allowed. */
int filter_build_single(int number, uint32_t ask, struct filter *out);

#endif
