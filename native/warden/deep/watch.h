/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Backend trace, where nothing can be done on a caller's behalf: whoever could write its memory
 * stands still until the kernel has copied what was judged.
 */
#ifndef PF_DEEP_WATCH_H
#define PF_DEEP_WATCH_H

#include "copy.h"

#include "../warden.h"

void watch_asked(struct warden *w, struct deep_call *c);
/* The same for one whose time has come (deep/later.h). */
void watch_later(struct warden *w, struct deep_call *c);

/*
 * Lets a call go while everybody is frozen, and waits until it is through what it reads. Whether its
 * end was seen; a caller that comes to no end is killed.
 */
bool watch_let(struct warden *w, const struct held *call, pid_t tgid);

/* Kills a caller whose memory has changed meanwhile all the same, with a word of why. */
void watch_end(struct warden *w, pid_t tgid);

/*
 * Where the kernel has copied arguments from the stack before anybody was asked (arch/arch.h), and
 * `last` is the place of the last one that a judgement hangs on: has the call made once more, under a
 * freeze, so that what it has copied is what is there to be read. False: there is nothing to be judged
 * now.
 */
bool watch_again(struct warden *w, struct held *call, pid_t tgid, int last);

#endif
