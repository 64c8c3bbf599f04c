/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attacks on the hooks: a program that knows what it does has a session with the hook module, and
 * holds what it was told against it. Trials are `trial` events: how many were wanted and seen, and
 * the result, `right` or `wrong`.
 */
#ifndef PF_KIT_SESSION_H
#define PF_KIT_SESSION_H

#include "hooks.h"
#include "kit.h"

struct session {
	struct kit kit;
	struct hooks hooks;
	bool defended; /* --hooks on; off: without what the claim rests on */
};

/* As kit_begin, and opens the session with rings of this size for each CPU. */
void session_begin(struct session *s, int argc, char **argv, const char *const shapes[],
		   uint32_t ring_bytes);
/* Opens it again, closed as it is, or ends the process. */
void session_reopen(struct session *s, uint32_t ring_bytes);
/* Adds a hook, or ends the process with why it could not. */
int session_add(struct session *s, const struct pf_hook *hook);
void session_remove(struct session *s, int hook);

/* Whether a record is one of those that are counted. */
typedef bool session_test(const struct pf_record *record, const void *context);
/* Takes all records that are there; how many of them passed. */
unsigned session_count(struct session *s, session_test *test, const void *context);
/* Records of this hook that are about the process `pid`, or about any when it is 0. */
struct session_of {
	int hook;
	pid_t pid;
};
session_test session_is_of;
/* How many records are of the one; *others: how many of the other. */
unsigned session_count_both(struct session *s, const struct session_of *of,
			    const struct session_of *other, unsigned *others);
/* What a hook counts itself, or the end of the process. */
struct pf_counts session_counts(struct session *s, int hook);
/* Whether it counts so many matches, each recorded or dropped, and so many deeds. */
bool session_has_counted(struct session *s, int hook, uint64_t matched, uint64_t done);

/* How many of so many calls of this number, which take no arguments that matter, a hook that is added for them sees. */
unsigned session_sees(struct session *s, int number, unsigned calls);

/* Reports the trial. A session that saw anything at all also shows that it is there: `alive`. */
void session_looked(unsigned n, unsigned wanted, unsigned seen);
/* The same where more than a number was compared. */
void session_judged(unsigned n, bool right, unsigned wanted, unsigned seen);

/* Programs for hooks: one that compares a 64-bit field of struct pf_view. */
#define SESSION_EQUALS_LENGTH 6
void session_equals(struct sock_filter program[SESSION_EQUALS_LENGTH], unsigned offset,
		    uint64_t value);
void session_give(struct pf_hook *hook, const struct sock_filter *program, unsigned length);

/* Has a child do what `work` says, and waits for it; its pid. */
pid_t session_child(struct session *s, int (*work)(struct session *s, void *context),
		    void *context);
/* Until that process, or thread, sleeps: a call that it makes is under way then, if there is nothing else that it could wait for. */
void session_await_sleep(pid_t pid);
/* Until the kernel has freed tasks that are gone by now: it does so at the end of a grace period of RCU. */
void session_await_freeing(struct session *s);

#endif
