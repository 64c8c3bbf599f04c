/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PF_CHECKS_H
#define PF_CHECKS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What a kernel that was built to find bugs (`PF_CHECKS=1` on its command line) knows beside what it
 * says on the console: its taint, and memory that nobody frees.
 */
bool checks_wanted(void);

/* Makes sure that the kernel has its checks and that they are at work. 0, or -errno and what. */
int checks_open(const char **what);

/* Reports each finding since the last call, or since boot, as an `error` event of step `splat`; those
 * of memory that nobody frees only if @leaks, because looking for it takes long. Returns how many. */
unsigned checks_report(bool leaks);

/* What the kernel says of leaks as one line of at most @size bytes with its NUL: how many there are,
 * and of the first who allocated it where. Returns how many. */
unsigned checks_summary(const char *report, char *out, size_t size);

#endif
