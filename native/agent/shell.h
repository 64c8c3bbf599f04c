/* SPDX-License-Identifier: Apache-2.0 */
/* A shell for a person, at the console of a guest whose job is over. */
#ifndef PF_SHELL_H
#define PF_SHELL_H

#include <stddef.h>

/* More than any busybox has. */
#define SHELL_BYTES_MAX (16 * 1024 * 1024)

/*
 * Takes in a program of @bytes, a busybox, which no ordinary guest has: says in `room` events where the
 * host is to write it while the guest is stopped, waits for that, and runs it as root until it ends.
 * What goes wrong is said in an `error`.
 */
void shell_run(size_t bytes);

#endif
