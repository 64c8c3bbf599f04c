/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An exec that the seed alone makes up: by which kind of process, of which file, with which argv and
 * envp, good or bad. The same on every arch and under every supervisor.
 */
#ifndef PF_KIT_ANY_EXEC_H
#define PF_KIT_ANY_EXEC_H

#include "kit.h"

enum { ANY_EXEC_ARGS = 24 };

/* How a process comes about. */
enum any_maker {
	ANY_FORK,
	ANY_VFORK,
	ANY_CLONE,
	ANY_CLONE3,
	ANY_THREAD,
	ANY_BESIDE_THREAD,
	ANY_MAKERS
};

struct any_exec {
	enum any_maker maker;
	int flags;	  /* of clone */
	const char *path; /* may be no pointer at all */
	char *argv[ANY_EXEC_ARGS];
	char **argv_given, **envp_given;
	char *envp[4];
	bool at; /* execveat */
	int dirfd, at_flags;
	char number[12], word[8];
	struct kit *kit;
};

/* The files that such execs are of, in RACE_ROOM, which becomes the working directory. */
void any_exec_set_up(void);
/* Honest ones are allowed by every policy that refuses EVIL and long argvs, and succeed. */
void any_exec_choose(struct kit *kit, struct any_exec *exec, unsigned n);
/* As fork(2), in the parent: the child has execed, or kit->exec_errno says why not. */
pid_t any_exec_make(struct any_exec *exec);
/* What is held for it is given back. */
void any_exec_forget(struct any_exec *exec);

#endif
