/* SPDX-License-Identifier: Apache-2.0 */
/* Stopping everybody who could write what is being judged, and letting them go. */
#ifndef PF_FREEZE_H
#define PF_FREEZE_H

#include "warden.h"

/*
 * Stops every thread of every registered process and of the caller's own group, but for the caller,
 * until a whole pass finds nobody running. On return everybody stays as they are until thaw(), also
 * after a failure: 0, -ETIMEDOUT, -EPERM when somebody cannot be traced, or -errno.
 */
int freeze(struct warden *w, pid_t caller_tid, pid_t caller_tgid, uint64_t deadline_ns);
void thaw(struct warden *w);

#endif
