/* SPDX-License-Identifier: Apache-2.0 */
/* Stopping everybody who could write what is being judged, and letting them go. */
#ifndef PF_FREEZE_H
#define PF_FREEZE_H

#include "flaws.h"
#include "warden.h"

/*
 * Stops every thread of every registered process and of the caller's own group, but for the caller,
 * until a whole pass finds nobody running. On return everybody stays as they are until thaw(), also
 * after a failure: 0, -ETIMEDOUT, -EPERM when somebody cannot be traced, or -errno.
 */
int freeze(struct warden *w, pid_t caller_tid, pid_t caller_tgid, uint64_t deadline_ns);
void thaw(struct warden *w);

/* Of somebody who stops: whether that is until thaw(). */
static inline bool freeze_keeps(const struct warden *w, const struct tracee *t)
{
	if (flaw_is(FLAW_SINGLE_PASS) && !t->interrupted)
		return false; /* it is none of those who were looked for */
	return w->freezing;
}

#endif
