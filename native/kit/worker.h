/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a thread does that the kernel makes for its caller: io_uring's, which are tasks of the caller's own
 * process from Linux 5.12 on.
 */
#ifndef PF_KIT_WORKER_H
#define PF_KIT_WORKER_H

#include <stdbool.h>

struct worker;

/* NULL: this kernel has no such threads. For the calling process alone, and until it ends. */
struct worker *worker_begin(void);
/* Has the file opened for reading, and waits for that; it stays open. */
void worker_open(struct worker *worker, const char *path);

#endif
