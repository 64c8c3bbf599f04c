/* SPDX-License-Identifier: Apache-2.0 */
/* What the hook module sees: of execs and forks, and by the job's own hooks; passed on as frames. */
#ifndef PF_TRUTH_DEVICE_H
#define PF_TRUTH_DEVICE_H

#include "hooks.h"
#include "job.h"

struct truth {
	struct hooks session; /* its fd is -1 where nobody asked for it */
	size_t watched;
	struct {
		int id;
		unsigned index; /* in the job's list */
	} watch[JOB_HOOKS_MAX];
};

/*
 * A session that records from now on until it is closed, where the job wants one. -errno when the
 * job cannot be run as it is meant, of which frames tell.
 */
int truth_device_open(struct truth *truth, const struct job *job);

/* Sends every record that is there; at the end of a run, also how many are missing behind them. */
void truth_device_drain(struct truth *truth);
void truth_device_close(struct truth *truth);

#endif
