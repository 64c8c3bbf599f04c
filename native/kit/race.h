/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attacks on calls other than exec: a victim of its own per trial makes one call with GOOD in its
 * hands, a thread beside it makes it EVIL, and the victim says what it got.
 */
#ifndef PF_KIT_RACE_H
#define PF_KIT_RACE_H

#include "kit.h"

#include <stdbool.h>
#include <sys/types.h>

#define RACE_ROOM "/tmp/pf"

struct race {
	char *word; /* of four aligned bytes, GOOD at first; NULL: nothing is written meanwhile */
	/* How EVIL comes about, where a store does not do it; NULL: a store. */
	void (*put)(const struct kit_writer *writer, const char *value);
	bool unprobed; /* EVIL is not refused where nothing guards, so a probe would tell nothing */
	/* Once, before the first trial; may be NULL. */
	void (*set_up)(struct kit *kit);
	/* Before each trial, in the parent; may be NULL. */
	void (*before)(struct kit *kit, unsigned n);
	/* The call, in the victim: 0 and race_got, or its errno. */
	int (*act)(struct kit *kit, unsigned n);
	/* After each trial, in the parent: what others got of it; may be NULL. */
	void (*after)(struct kit *kit, unsigned n);
};

/* Runs all trials; what main returns. Shapes: single and continuous, or those of a static attack. */
int race_run(int argc, char **argv, const char *const shapes[], const struct race *race);
/* Says what was got, GOOD or EVIL. */
void race_got(unsigned n, const char *what);

/*
 * For attacks of which some trials are a race and others are not: forks a victim that opens
 * RACE_CONTEST "/GOOD" to read while a thread beside it writes EVIL, at once and once. It says in an
 * event `raced` whether it came by what is_evil knows an open file by, and its errno. Returns the
 * victim, for kit_outcome. What stands under both names is the caller's to make.
 */
#define RACE_CONTEST RACE_ROOM "/contest"
pid_t race_open(struct kit *kit, unsigned n, bool (*is_evil)(int fd));

/* Files GOOD and EVIL in RACE_ROOM, each holding its own name. */
void race_make_files(struct kit *kit);
/* The same in another directory, which is made if it is not there. */
void race_make_files_in(const char *directory);
/* Reports what such an open file holds. 0 or errno. */
int race_read(int fd, unsigned n);

#endif
