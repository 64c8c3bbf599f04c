/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A change that a call announces. The words of the call may be changed by others while it is made,
 * so it is believed only when it is seen: what it names is looked at before and behind it.
 */
#ifndef PF_CHANGE_H
#define PF_CHANGE_H

#include "../profile/calls.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct change {
	int fd;	      /* O_PATH: of the directory, or of the file itself; -1: none */
	bool by_name; /* of a name in the directory */
	char name[NAME_MAX + 1];
	bool there;
	struct stat before;
};

/* At the call. Whether there is something to be looked at again. */
bool change_begin(pid_t tid, const struct call_form *form, const struct call_path *place,
		  const uint64_t args[6], struct change *out);
/* The same of a name that a call is to make, which is not at its argument. */
bool change_begin_name(pid_t tid, const char *name, struct change *out);
/* What came of it. Paths are absolute; empty: none. */
struct changed {
	char path[PATH_MAX]; /* of the file, or of the directory of the name */
	char made[PATH_MAX]; /* a name that is new */
	char gone[PATH_MAX]; /* a name that was there and is not, or is another's */
	bool directory;	     /* what is gone was one */
	bool there;	     /* something is there now */
	bool socket;	     /* what is new is one */
};

/* Behind the call, whatever it came to. Whether it did change something. */
bool change_end(struct change *c, struct changed *out);
/* Whether a name was there when the call began, of one that may make a file. */
bool change_was_there(const struct change *c);
/* What is there now. Whether there is anything. */
bool change_look(const struct change *c, struct stat *st);
/* The directory of the name, links resolved. 0 or -errno. */
int change_path(const struct change *c, char path[PATH_MAX]);
/* The name, likewise. False: it is too long, or its directory is gone. */
bool change_name(const struct change *c, char path[PATH_MAX]);
void change_forget(struct change *c);

#endif
