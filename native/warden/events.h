/* SPDX-License-Identifier: Apache-2.0 */
/* What the warden reports, exactly as runner/src/lib/events.ts has it. */
#ifndef PF_EVENTS_H
#define PF_EVENTS_H

#include "args.h"
#include "options.h"

#include <stdint.h>
#include <sys/types.h>

struct events {
	int fd;	   /* -1: nobody listens */
	int error; /* the first failure to write, -errno: evidence is missing from there on */
	long long allowed, denied, killed;
};

void events_started(struct events *e, const struct config *config, const char *backend);
void events_refused(struct events *e, const char *reason);
void events_registered(struct events *e, pid_t pid, pid_t ppid, const char *how);
void events_judged(struct events *e, pid_t pid, bool allow, uint32_t rule, const char *path,
		   const struct args *argv);
void events_unjudged(struct events *e, pid_t pid, bool allow, const char *reason);
void events_verified(struct events *e, pid_t pid);
void events_killed(struct events *e, pid_t pid, const char *reason);
void events_exec_failed(struct events *e, pid_t pid);
void events_exited(struct events *e, pid_t pid);
void events_end(struct events *e);

#endif
