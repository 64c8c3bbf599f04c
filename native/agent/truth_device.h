/* SPDX-License-Identifier: Apache-2.0 */
/* What the hook module sees of execs and forks, passed on as frames. */
#ifndef PF_TRUTH_DEVICE_H
#define PF_TRUTH_DEVICE_H

#include "hooks.h"

/* A session that records from now on until it is closed. 0 or -errno. */
int truth_device_open(struct hooks *session);

/* Sends every record that is there; at the end of a run, also how many are missing behind them. */
void truth_device_drain(struct hooks *session);
void truth_device_close(struct hooks *session);

#endif
