/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attacks on what is said of a call that points to memory: a victim says GOOD or EVIL and gets one of the
 * two; who watches it says which. Defended, it says what a record of the kernel's own copy does;
 * else what it finds in the caller's memory when it is told of the call, as tracers do.
 *
 * Shapes: behind, the victim says the other one as soon as the call is over; thread, another thread
 * changes its mind all the time; long, the same with more than a record holds.
 */
#ifndef PF_KIT_WATCH_H
#define PF_KIT_WATCH_H

#include "session.h"

struct watch {
	enum pf_kind kind;    /* of what the kernel used */
	const char *comm;     /* the name that its task has then; NULL: any */
	int number;	      /* of the call */
	unsigned argument;    /* of it, that points to what is said */
	bool others;	      /* it is made by a process of the victim's, which shares its memory */
	void (*set_up)(void); /* once; may be NULL */
	void (*lengthen)(void); /* once, before that; NULL: there is no shape `long` */
	/* Makes that what is pointed to says the word. Any thread's, at any time. */
	void (*put)(const char *word);
	/* The call, in the victim: the word that it got, its four bytes. */
	const char *(*act)(void);
	/* In the watcher: the word that a record of `kind` says; NULL: something else. */
	const char *(*told)(const struct pf_record *record);
	/* In the watcher: the word that is said now, in the victim's memory; NULL: none of the two. */
	const char *(*found)(pid_t victim, uint64_t address);
	/* After each call, in the watcher; may be NULL. */
	void (*after)(void);
};

/* Runs all trials; what main returns. */
int watch_run(int argc, char **argv, const struct watch *watch);

extern const char *const watch_words[]; /* GOOD, EVIL, NULL */
/* Of these two the one that is there; NULL: neither. */
const char *watch_word(const char *at);
/* As `found`: the word at that address and offset. */
const char *watch_read(pid_t victim, uint64_t address, size_t offset);

#endif
