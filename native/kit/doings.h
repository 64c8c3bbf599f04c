/* SPDX-License-Identifier: Apache-2.0 */
/* What hooks of every kind have something to look at in. What is done to getsid(2) is nobody's harm here. */
#ifndef PF_KIT_DOINGS_H
#define PF_KIT_DOINGS_H

#include "kit.h"

/* Getppid(2), getsid(2) and one that there is not, so often, and a signal that is ignored by its handler. */
#define DOINGS_CALLS 25

/* One of: a process that ends, or that becomes the witness before; two sockets that meet; files; calls. */
void doings_any(struct kit *kit);
/* Each of them. */
void doings_all(struct kit *kit);

#endif
