/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The least program there is, for those who execute thousands: one page of its own and no C library. It ends with
 * the first byte of its argv[1] as its status, so that it says what it was started with.
 */
#ifndef PF_KIT_TINY_H
#define PF_KIT_TINY_H

#define TINY "/tmp/tiny"

/* Puts it there. */
void tiny_make(void);

#endif
