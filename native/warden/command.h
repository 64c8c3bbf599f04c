/* SPDX-License-Identifier: Apache-2.0 */
/* The root command: found before the filter is on, executed behind the gate. */
#ifndef PF_COMMAND_H
#define PF_COMMAND_H

#include <limits.h>
#include <signal.h>
#include <stdbool.h>

struct command {
	char path[PATH_MAX];
	char **argv;
	/* Of the caller, restored for the command: */
	sigset_t mask;
	bool ignores_children; /* SIGCHLD */
};

/* Searches PATH here, so that the one exec that is judged is the right one. */
void command_init(struct command *c, char **argv);
/* Its signals, as they were for us. */
void command_ready(const struct command *c);
/* Becomes the command. Does not return. */
void command_start(const struct command *c);
/* A launch_body: both. */
void command_exec(void *command);
/*
 * Every registered process may take a pidfd: uses all the files that we may, and tells how many.
 * The command keeps its limit.
 */
unsigned command_raise_files(void);

#endif
