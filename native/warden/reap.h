/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that wait(2) tells: stops of tracees, deaths of tracees and children. */
#ifndef PF_REAP_H
#define PF_REAP_H

#include "warden.h"

/*
 * Takes in what there is, without waiting: all of it, or what is left is noted (news_left). Returns -ECHILD when there is
 * nobody left, else 0.
 */
int reap_all(struct warden *w);
/*
 * Waits for one piece of news and takes it in, where wait(2) tells of everything that there is to
 * be told: under backend trace. Returns early when the warden is asked to end. -ECHILD as above.
 */
int reap_next(struct warden *w);
/* Reads the signal fd until it is empty, notes an order to end, and reaps. */
int reap_signals(struct warden *w);

#endif
