/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PF_RESTART_H
#define PF_RESTART_H

#include <stdbool.h>

/*
 * Whether a call that waits for the answer to its user notification is made again after a signal
 * whose handler has SA_RESTART, as signal(7) has it. Kernels for mips forget which call it was:
 * it comes back with ERESTARTSYS (512), a number that no program knows. False where it cannot be
 * tried.
 */
bool restart_works(void);

#endif
