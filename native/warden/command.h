/* SPDX-License-Identifier: Apache-2.0 */
/* The root command: found before the filter is on, executed behind the gate. */
#ifndef PF_COMMAND_H
#define PF_COMMAND_H

#include <limits.h>
#include <signal.h>

struct command {
	char path[PATH_MAX];
	char **argv;
	sigset_t mask; /* of the caller, restored for the command */
};

/* Searches PATH here, so that the one exec that is judged is the right one. */
void command_init(struct command *c, char **argv);
/* A launch_body. */
void command_exec(void *command);
/*
 * Every registered process may take a pidfd: uses all the files that we may, and tells how many.
 * The command keeps its limit.
 */
unsigned command_raise_files(void);

#endif
