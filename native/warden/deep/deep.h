/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls whose rules look behind pointers, exec aside: copied once, judged, and done with the copy.
 * docs/warden.md says what is promised.
 */
#ifndef PF_DEEP_H
#define PF_DEEP_H

#include "../warden.h"

/* Whether these calls, if the policy asks about them, are taken here. */
bool deep_takes(int number);
/* All of them, ends with -1. */
const int *deep_numbers(void);
void deep_asked(struct warden *w, const struct held *held, pid_t tgid);

/* For the loop: how long it may wait before deep_take is called, while calls are under way; -1: none is. */
int deep_ms(void);
/* Readable when one of them is done; -1: there was none yet. */
int deep_fd(void);
bool deep_holds(struct warden *w, pid_t tid);
/* Something is done, or time has passed; of calls that wait for their time (deep/later.h), too. */
void deep_take(struct warden *w);

/* Backend trace: a stop at the end of a call that was let through. True when it was waited for. */
bool deep_left(struct warden *w, struct tracee *t);

#endif
