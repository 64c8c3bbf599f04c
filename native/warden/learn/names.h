/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a name leads that a call has used. It can be asked only behind the call, so it counts if it
 * cannot have led elsewhere meanwhile: those who are observed change names by calls of their own.
 */
#ifndef PF_NAMES_H
#define PF_NAMES_H

#include "watched.h"

/* A call is about to be made. */
void names_notice(struct watched_tasks *tasks, const struct call_form *form);
/* It is one that uses a name. */
void names_begin(const struct watched_tasks *tasks, struct watched *t);
/* Whether until now each name led where it leads now. */
bool names_stood(const struct watched_tasks *tasks, const struct watched *t);
/*
 * An O_PATH fd of where a task's name leads, or -errno. Whoever asks for a link of /proc is told of
 * itself, and where those of others lead is changed by more calls: none is followed, but for a name
 * that begins at a descriptor of the task's own.
 */
int names_walk(pid_t tid, const char *name);
/* Whether a name begins where the task alone can say: not at the root. */
bool names_begin_with_it(const char *name);

#endif
