/* SPDX-License-Identifier: Apache-2.0 */
/* The event loop, and the short wait that a freeze does inside it. */
#ifndef PF_LOOP_H
#define PF_LOOP_H

#include "warden.h"

/*
 * Waits for news from the listener or wait(2) and takes it in: calls go to the queue, stops to
 * their entries. 0, -ETIMEDOUT behind the deadline, -EINTR when the warden is to end, or -errno.
 */
int loop_wait(struct warden *w, uint64_t deadline_ns);
/* Takes in the deaths that the pidfds tell of, without waiting. */
void loop_take_exits(struct warden *w);
/* Runs until the root command and everybody registered are gone. 0 or -errno. */
int loop_run(struct warden *w);
/* The signals that the loop takes, to be blocked before anybody is started. */
int loop_open(struct warden *w);

#endif
