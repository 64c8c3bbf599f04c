/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody who is in scope until it is ended, and calls when it is told to. */
#ifndef PF_KIT_RESIDENT_H
#define PF_KIT_RESIDENT_H

#include "kit.h"

struct resident {
	pid_t pid;
	int go, done;
};

/* A child that is in another UTS namespace by the time this returns. */
struct resident resident_start(struct kit *kit);
/* It makes so many getppid(2), and nothing else that anybody looks at; at most 255. */
void resident_call(const struct resident *r, unsigned times);
void resident_end(const struct resident *r);

#endif
