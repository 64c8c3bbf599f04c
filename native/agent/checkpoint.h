/* SPDX-License-Identifier: Apache-2.0 */
/* The moment that checkpoints are taken at. */
#ifndef PF_CHECKPOINT_H
#define PF_CHECKPOINT_H

/*
 * Does nothing. Its address is the same on every arch and in every build, 0x200000 (the Makefile says so to
 * the linker, docs/formats.md to the runner), and nothing else is executed there: the runner has a
 * breakpoint on it, so that a guest is stopped at an instruction and not at a time of the host's.
 */
void checkpoint_here(void);

#endif
