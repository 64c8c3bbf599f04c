/* SPDX-License-Identifier: Apache-2.0 */
/* The seccomp program that says which calls the warden is asked about. */
#ifndef PF_FILTER_H
#define PF_FILTER_H

#include "arch/arch.h"
#include "policy.h"

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

#define FILTER_MAX BPF_MAXINSNS

struct filter {
	uint32_t ask; /* the action of calls that are asked about */
	unsigned short length;
	bool overflow;
	bool asks_sendmsg; /* so nothing can be passed on by it before we answer */
	struct sock_filter code[FILTER_MAX];
};

enum filter_forks {
	FORKS_TRACKED, /* asked about; what would escape ptrace's fork events is refused */
	FORKS_SEEN,    /* asked about */
	FORKS_FREE,    /* not asked about */
};

/*
 * The policy's program, if there is one, and behind it the warden's own: what the policy lets pass
 * comes there, and what it leaves open is asked about. 0, -E2BIG, or -EINVAL for another arch's
 * policy.
 */
int filter_build(const struct arch_ops *ops, const struct policy *policy, enum filter_forks forks,
		 uint32_t ask, struct filter *out);
/*
 * For a control lane: calls of other ABIs, and by way of socketcall, pass by everything
 * that was built. 0 or -E2BIG.
 */
int filter_let_foreign_pass(const struct arch_ops *ops, struct filter *f);
/* One call is asked about, everything else is allowed. */
int filter_build_single(int number, uint32_t ask, struct filter *out);

#endif
