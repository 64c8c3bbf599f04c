/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attacks on levers that hold: events that take as long as their hooks' seeds say, or not. Under
 * `--hooks off` the hooks only look on.
 */
#ifndef PF_KIT_HELD_H
#define PF_KIT_HELD_H

#include "session.h"

/* Of one shape. */
struct held_kind {
	enum pf_kind kind;
	int number;	 /* of the call; -1 for other kinds */
	unsigned levers; /* hooks on it, each with a seed of its own; 1 or 2 */
	/* Makes such an event; how many ns passed between before it and where it could be held. */
	uint64_t (*time)(struct session *s);
};

/* A getpgid(2), for hooks on that. */
uint64_t held_time_call(struct session *s);
/* An attack's whole main; `kinds` go with `shapes`. One that a kernel cannot have is as the first. */
int held_main(int argc, char **argv, const char *const shapes[], const struct held_kind kinds[]);

#endif
