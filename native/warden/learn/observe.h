/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a command and watches all that it does, each call once stopped. */
#ifndef PF_OBSERVE_H
#define PF_OBSERVE_H

#include "seen.h"

#include <stdint.h>

struct observation {
	const char *step; /* of ours that failed; NULL: none did */
	int error;	  /* -errno of it */
	int status;	  /* of the command, as wait(2) gives it */
	int end_signal;	  /* that ended us first; 0: none */
	bool timed_out;
};

/* limit_ns: how long at most; 0: as long as it takes. Whoever is left when the command ends is killed. */
void observe(char **command, uint64_t limit_ns, struct seen *seen, struct observation *out);

#endif
