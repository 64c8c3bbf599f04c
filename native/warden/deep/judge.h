/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts over copied calls, and their being carried out where the answer is no. */
#ifndef PF_DEEP_JUDGE_H
#define PF_DEEP_JUDGE_H

#include "copy.h"
#include "view.h"
#include "walk.h"

#include "../warden.h"

struct subject {
	const char *path;	/* of an open, or NULL */
	const uint8_t *address; /* of a socket call, or NULL */
	size_t address_size;
	mode_t umask;		     /* the caller's, for what bind makes */
	const struct subject *there; /* by the name that we have for it; NULL: it is the same */
	bool elsewhere;		     /* what its name leads to for us is something else */
	mode_t mode;		     /* for profiles (struct facts of policy.h) */
};

/*
 * What the call is about, found out without doing it: the real path of what is opened, or of the
 * socket that the address names. *object holds it where there is one.
 */
int find_subject(const struct view *v, const struct deep_call *c, struct found *object,
		 struct subject *out);
/* What is written, as it is written. Nobody has looked what is there: it counts as a plain file. */
void written_subject(const struct deep_call *c, struct subject *out);

/* Whether it makes a file where there is none. */
bool may_make(const struct deep_call *c);

struct policy_verdict judge_call(const struct policy *p, const struct deep_call *c,
				 const struct subject *s);
/* The same for a socket call that will be made with this file of ours, which was the caller's. */
struct policy_verdict judge_call_of(const struct policy *p, const struct deep_call *c,
				    const struct subject *s, int socket);
/* Says what was judged: an event. */
void judge_say(struct warden *w, const struct deep_call *c, const struct subject *s,
	       const struct policy_verdict *v);
/* Says that the verdict was no, and does as it says. */
void judge_refuse(struct warden *w, const struct deep_call *c, const struct subject *s,
		  const struct policy_verdict *v);
/* Judges and says so. True when the verdict is yes; else the call has been refused. */
bool judge_and_refuse(struct warden *w, const struct view *v, const struct deep_call *c,
		      const struct subject *s);
/*
 * A profile's no may tell what is there (profile/judge.c). It does so to who could look there himself;
 * a view of NULL is one in which nobody has looked.
 */
void judge_hide(const struct policy *p, const struct view *v, struct policy_verdict *verdict);
/* It fails as it would without us, before it does anything: the path leads nowhere, or the like. */
void judge_moot(struct warden *w, const struct deep_call *c, int error);
/* It could not be judged: refused with this errno (or let through, where that is asked for). */
void judge_not(struct warden *w, const struct deep_call *c, int error, const char *reason);
/* A reason: both backends give the same one. */
#define OTHER_ROOT "it has another root, where paths are not those of the profile"
#define UNREADABLE "what it points to cannot be read: bad address"

#endif
