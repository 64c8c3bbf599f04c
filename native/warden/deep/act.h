/* SPDX-License-Identifier: Apache-2.0 */
/* Approved calls, made on the caller's behalf. Backend notify only. */
#ifndef PF_DEEP_ACT_H
#define PF_DEEP_ACT_H

#include "judge.h"
#include "pool.h"

/* Each answers the call, now or when its job is done; -EEXIST of act_open: find it once more. */
int act_open(struct warden *w, const struct view *v, const struct deep_call *c,
	     struct found *object);
void act_socket(struct warden *w, const struct view *v, const struct deep_call *c,
		struct found *object, const struct subject *subject);
/* A job is done: answers its call. */
void act_done(struct warden *w, struct job *job);

#endif
