/* SPDX-License-Identifier: Apache-2.0 */
/* One job: start its command, pass on what is said, end it in time. */
#ifndef PF_RUN_H
#define PF_RUN_H

#include "job.h"

/* Runs the job to its end, with events from `start` to `exit`. Leaves no process of it behind. */
void run_job(struct job *job);

#endif
