/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways to make a call: the ABI's own, and those that some arches have besides. Each has registers, numbers or an ABI of
 * its own. A scenario with a shape of another way `needs` the feature of that name.
 */
#ifndef PF_KIT_WAYS_H
#define PF_KIT_WAYS_H

#include "session.h"

enum way {
	WAY_DIRECT,
	WAY_INT80,    /* x86_64: i386's, by its gate */
	WAY_X32,      /* x86_64: that bit in the number */
	WAY_INDIRECT, /* o32: by syscall(2) */
};

/* By the beginning of the shape's name: int80, x32 or indirect; else the ABI's own. */
enum way way_of(const struct kit *kit);
/* As hooks know the call; i386 has numbers of its own. */
int way_number(enum way way, int number, int i386);
uint32_t way_abi(enum way way, const struct session *s);
/* What of an argument the kernel takes. */
uint64_t way_argument(enum way way, unsigned long value);
/*
 * Makes the call of that way_number() with these arguments; its value or -errno. Of int80 the registers' contents
 * afterwards are left in them, which other ways do not look at.
 */
long way_call(enum way way, int number, unsigned long arguments[6]);

#endif
