/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Planted bugs, such as supervisors are shipped with: a lab that does not find them does not look
 * closely enough. Only the program warden-flawed has them, one at a time by --flaw; of the warden
 * itself nothing here becomes an instruction.
 */
#ifndef PF_FLAWS_H
#define PF_FLAWS_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

enum flaw {
	FLAW_NONE,
	/*
	 * Everybody goes on as soon as an exec is answered, instead of when it has happened. Nobody
	 * follows it, so nobody hears of the new image and compares it either.
	 */
	FLAW_EARLY_DETACH,
	/* CLONE_UNTRACED is let through, and its child is born without a ptrace event. */
	FLAW_UNTRACED,
	/*
	 * A freeze goes once through the threads that it finds, and stops one after the other. Whom
	 * the later ones make meanwhile it does not look for, and as they are taken to be all, the
	 * new image is not compared.
	 */
	FLAW_SINGLE_PASS,
};

#ifdef WARDEN_FLAWS
enum { FLAWS_PLANTED = 1 };

bool flaw_is(enum flaw flaw);
/* 0, or -EINVAL for a name that there is not. */
int flaw_choose(const char *name);
/* NULL: none was chosen. */
const char *flaw_name(void);
#else
enum { FLAWS_PLANTED = 0 };

static inline bool flaw_is(enum flaw flaw)
{
	(void)flaw;
	return false;
}

static inline int flaw_choose(const char *name)
{
	(void)name;
	return -EINVAL;
}

static inline const char *flaw_name(void)
{
	return NULL;
}
#endif

#endif
