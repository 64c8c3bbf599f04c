/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Backend trace: calls that would wait for room at a path. The kernel walks the path again when there
 * is some, and nobody can stand still for so long: such a call is called off, and made and judged anew
 * a while later, again and again.
 */
#ifndef PF_DEEP_LATER_H
#define PF_DEEP_LATER_H

#include "../warden.h"

/* As many as wait at a time under notify (deep/pool.h). */
#define LATER_MOST 32u

struct later {
	struct held held;
	pid_t tgid;
	unsigned times; /* that it was called off before */
	uint64_t due_ns;
};

/* Keeps a call that was called off before, and asks again, for a while. 0, or -EAGAIN when there are too many. */
int later_keep(const struct later *call);
/* The next one whose time has come. */
bool later_take(struct later *out);
/* How long it is until then; -1: there is none. */
int later_ms(void);

#endif
