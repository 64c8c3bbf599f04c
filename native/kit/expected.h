/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For attacks on the hooks that make thousands of events: what is to be told of each is written down before it
 * is looked for, and records have to say just that, in this order, field by field.
 */
#ifndef PF_KIT_EXPECTED_H
#define PF_KIT_EXPECTED_H

#include "session.h"

#define EXPECTED_MOST 500
#define EXPECTED_DATA 48

struct expected_event {
	struct pf_view view;
	uint16_t sizes[2]; /* of the data: path and argv of an exec, a path, an address */
	char data[EXPECTED_DATA];
};

/* Of one hook, a batch at a time. */
struct expected {
	int hook;
	enum pf_kind kind;
	unsigned made, next; /* of the batch: so many, of which this one is to be told next */
	unsigned seen, strange;
	uint64_t since_ns; /* no record is older */
	struct expected_event batch[EXPECTED_MOST];
};

/* A field of a hook that takes everything of this kind that tasks of this name do, of one call or (-1) of all. */
#define EXPECTED_HOOK(what, who, call)                                                             \
	.version = PF_VERSION, .kind = (what), .flags = PF_RECORD, .number = (call), .comm = who

#define EXPECTED_KINDS 3

/* What one shape does, and the hooks that look on. */
struct expected_work {
	/* Makes one event of each kind, the n-th, and expects it. */
	void (*make)(const struct session *s, struct expected *const sets[], unsigned n);
	struct pf_hook hooks[EXPECTED_KINDS]; /* those that are there have a version */
};

/* One more of this process's only thread, in the first namespace; the rest is to be filled in. */
struct expected_event *expected_add(struct expected *e, pid_t pid);
/* Puts bytes behind those that are there. */
void expected_data(struct expected_event *event, int part, const void *bytes, size_t size);

/*
 * Runs all trials, each of EXPECTED_EVENTS of each kind; what main returns. It is right that each was told once, as it
 * was and in time, and that each hook has counted just those. Undefended nothing is recorded, so nothing can be
 * seen: so is a hook that misses everything. There, and where nothing is claimed, EXPECTED_MOST will do.
 */
#define EXPECTED_EVENTS 10000
int expected_run(int argc, char **argv, const char *const shapes[],
		 const struct expected_work works[]);

#endif
