/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a descriptor's number leads to one file while it is looked at. A number that is in use gets
 * another file only by a call that names it, and no such call begins before we let it.
 */
#ifndef PF_DESCRIPTORS_H
#define PF_DESCRIPTORS_H

#include "watched.h"

/* A call is about to be made: notes what numbers it may give up or replace, if others share them. */
void descriptors_notice(const struct watched_tasks *tasks, struct watched *t);
/* Whether nobody who shares t's descriptors is in a call that may give up or replace this one. */
bool descriptors_steady(const struct watched_tasks *tasks, const struct watched *t, long fd);

#endif
