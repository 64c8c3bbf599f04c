/* SPDX-License-Identifier: Apache-2.0 */
/* The moments that a guest is stopped at: its checkpoint, and between two jobs. */
#ifndef PF_CHECKPOINT_H
#define PF_CHECKPOINT_H

/*
 * Does nothing, at 0x200000 after an even number of jobs and at 0x200100 after an odd one. These addresses
 * are the same on every arch and in every build (the Makefile says so to the linker, docs/formats.md to the
 * runner), and nothing else is executed there: the runner has a breakpoint on one of them, so that a guest is
 * stopped at an instruction and not at a time of the host's. There are two because a guest that goes on from
 * a breakpoint meets that one again at once.
 */
void checkpoint_here(unsigned jobs);

#endif
