/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attacks on exec: what they do around their trials, and a trial that many of them share, in which a
 * peer, a process of its own, rewrites a word of the argv in memory that it shares with the victim.
 */
#ifndef PF_KIT_EXEC_RACE_H
#define PF_KIT_EXEC_RACE_H

#include "kit.h"

struct exec_race {
	/* Once, before the first exec; may be NULL. */
	void (*set_up)(struct kit *kit);
	/* True when an exec with EVIL that nobody races was refused; NULL: kit_probe. */
	bool (*probe)(struct kit *kit);
	/* Once, after the probe and before the first trial; may be NULL. */
	void (*armed)(struct kit *kit);
	void (*try_once)(struct kit *kit, unsigned n);
};

/* Runs all trials; what main returns. The kit is in memory that children share. */
int exec_race_run(int argc, char **argv, const char *const shapes[], const struct exec_race *race);

/* Gives the start signal as the last in the queue for the CPU, and execs with the writer's word. */
_Noreturn void exec_race_victim(struct kit *kit, const struct kit_writer *writer, unsigned n);

/* A child whose birth is what an attack is about: the first thing it does. */
struct newborn {
	struct kit *kit;
	unsigned n;
	const char *by; /* NULL, or the way it was made, if that is to be told */
};

/* Reports when it was born, as event `born`, and execs the witness with GOOD. */
_Noreturn void exec_race_newborn(const struct newborn *self);
/* The same, as clone(2) wants it. */
int exec_race_cloned(void *newborn);

struct exec_peer {
	bool evil;	 /* the word is EVIL from the start, not GOOD */
	bool continuous; /* as for kit_writer_init */
	/*
	 * Has somebody run the writer, and may change it before that: who is to be stopped when the
	 * trial is over, or 0. NULL: kit_peer_start.
	 */
	pid_t (*start)(struct kit *kit, struct kit_writer *writer);
	/* What the victim does first; may be NULL. */
	void (*ready)(struct kit *kit);
};

/* A trial, with a peer and a victim of its own. */
void exec_peer_trial(struct kit *kit, const struct exec_peer *peer, unsigned n);

#endif
