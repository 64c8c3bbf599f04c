/* SPDX-License-Identifier: Apache-2.0 */
/* The scripts on the way to an image: the kernel keeps the first one's name, and nothing of the others. */
#ifndef PF_SCRIPTS_H
#define PF_SCRIPTS_H

#include "observer.h"

/* An exec is about to be made. */
void scripts_begin(const struct watched_tasks *tasks, struct watched *t);
/*
 * Of its image, which has not run yet. `alone`: none but this thread could have changed where its
 * names begin.
 */
void scripts_seen(struct observer *o, const struct watched *t, bool alone);

#endif
