/* SPDX-License-Identifier: Apache-2.0 */
/* Starts a job's command as an ordinary user, with its pipes where docs/formats.md has them. */
#ifndef PF_SPAWN_H
#define PF_SPAWN_H

#include "standing.h"

#include <sys/types.h>

#define SPAWN_UID 1000

struct spawned {
	pid_t pid;
	int warden, attack, output; /* read ends, non-blocking, owned by the caller */
	int go;			    /* write end, owned by the caller */
};

/* 0, or -errno of what failed before or at the exec of the command. */
int spawn_command(const char *const argv[], const char *const env[],
		  const struct standing *standing, struct spawned *out);

/* Starts a command with nobody listening, waits for it, returns its wait status or -errno. */
int spawn_quietly(const char *const argv[]);

/* The same as root, with the console for its output and a search path; for the guest's own set-up.
 */
int spawn_as_root(const char *const argv[]);

#endif
