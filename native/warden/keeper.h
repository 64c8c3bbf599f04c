/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process that outlives the warden by a moment. It shares the warden's table of files, so it has
 * the pidfd of everybody registered, and the listener stays open: calls that wait go on waiting
 * until their tasks are dead, instead of failing and letting their callers run on.
 */
#ifndef PF_KEEPER_H
#define PF_KEEPER_H

#include <sys/types.h>

/* Its pid, or -errno. Signals must be blocked already. */
pid_t keeper_start(void);
void keeper_end(pid_t keeper);

#endif
