/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How calls come to the warden and how they are answered: by seccomp user notification (notify.c)
 * or by ptrace (trace.c). Everything else is the same for both.
 */
#ifndef PF_BACKEND_H
#define PF_BACKEND_H

#include "options.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct launched;
struct tracee;
struct warden;

/* A call that waits for its answer. */
struct held {
	uint64_t id;
	pid_t tid;
	int number;
	uint64_t args[6];
};

struct backend {
	const char *name; /* as events have it */
	uint32_t ask;	  /* the seccomp action of calls that we are to be asked about */
	/* The root command waits at its gate: makes ready for its calls. 0 or -errno. */
	int (*open)(struct warden *w, const struct launched *l);
	/* Takes in the calls that are there, without waiting. 0 or -errno. */
	int (*drain)(struct warden *w);
	/* As drain, for one call that calls_fd says is there. NULL where it says nothing. */
	int (*take)(struct warden *w);
	/* The call that has waited longest. */
	bool (*pop)(struct warden *w, struct held *out);
	/* Whether a live call of this task waits, popped ones aside where they are forgotten. */
	bool (*asks)(struct warden *w, pid_t tid);
	/* Whether the call still waits, so that its tid is still the task that made it. */
	bool (*valid)(struct warden *w, const struct held *call);
	/* The answers: 0, -ENOENT when the call is gone, or -errno. */
	int (*let)(struct warden *w, const struct held *call);
	int (*refuse)(struct warden *w, const struct held *call, int error);
	/* As let, for an exec: its task is traced, and stops in the new image or on its way back to
	 * the old one, if need be by an interrupt that follows the answer (verify.h). */
	int (*follow)(struct warden *w, const struct held *call, struct tracee *t);
};

extern const struct backend backend_notify, backend_trace;
/* Asks about nothing: for --on-unjudged allow where nobody may be traced. */
extern const struct backend backend_blind;

const struct backend *backend_choose(enum backend_choice choice);
/* It could not be judged, and why: refused with this errno, or let through where that is asked for. */
void give_up(struct warden *w, const struct held *call, pid_t tgid, int error, const char *reason);

#endif
