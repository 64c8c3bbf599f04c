/* SPDX-License-Identifier: Apache-2.0 */
/* A child that is traced, and stopped before one of its calls: after the kernel has taken its arguments. */
#ifndef PF_KIT_TRACED_H
#define PF_KIT_TRACED_H

#include "kit.h"

/* It does what `work` says, and that is its exit status; here it is stopped before its first call of that number. */
pid_t traced_start(struct kit *kit, long number, int (*work)(void *context), void *context);
/* The call that it is stopped before becomes this one; -1: none. */
void traced_set_number(pid_t pid, long to);
/* Lets it go on to its end; its exit status. */
int traced_end(pid_t pid);

#endif
