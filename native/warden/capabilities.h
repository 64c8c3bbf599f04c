/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of capabilities are as /proc/<pid>/status writes them: bit n is capability n. */
#ifndef PF_CAPABILITIES_H
#define PF_CAPABILITIES_H

#include <stdint.h>

/*
 * What this thread does for somebody else it does with no capability that the other has not. Where
 * both sets are the same nothing has to be done.
 */
struct loan {
	uint64_t own;  /* our effective set */
	uint64_t lent; /* what is left of it meanwhile */
};

/* 0 or -errno: then nothing may be done. */
int loan_begin(const struct loan *loan);
void loan_end(const struct loan *loan);

/* Takes a capability away from this thread, and what it execs, for good. 0 or -errno. */
int capabilities_drop(unsigned capability);

#endif
