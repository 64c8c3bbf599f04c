/* SPDX-License-Identifier: Apache-2.0 */
/* One run of a command under the warden, from the launch to its end. */
#ifndef PF_RUN_H
#define PF_RUN_H

#include "launch.h"
#include "options.h"
#include "policy.h"

#include <sys/types.h>

struct run_result {
	enum { RUN_ENDED, RUN_REFUSED, RUN_FAILED } kind;
	int status;	  /* of the root command, as wait(2) gives it */
	int end_signal;	  /* that the warden was asked to end by; 0: none */
	const char *step; /* of a failure */
	int error;	  /* -errno of a failure */
	char reason[160]; /* of a refusal */
};

/* What the child becomes, once it is under the warden's filter and may go. */
struct start {
	launch_body body;
	void *context;
};

void run(const struct config *config, const struct policy *policy, const struct start *how,
	 struct run_result *out);
/* What a process ends with that is about this run alone; says why, where it is not the command's own. */
int run_exit_status(const struct run_result *r);

#endif
