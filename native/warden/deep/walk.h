/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A path, walked as its caller would: from its root and directory, through its /proc/self, one
 * component at a time and nothing followed unseen. What is found is held, so that it can be judged
 * by where it really is and then used, whatever becomes of the path meanwhile.
 */
#ifndef PF_DEEP_WALK_H
#define PF_DEEP_WALK_H

#include "view.h"

struct walk_rules {
	bool existing;	     /* only what is there will do, and its parent is not asked for */
	bool keep_last_link; /* a symbolic link at the end is what is meant (or an error) */
	bool creates;	     /* so a slash at the end is an error, wherever it leads */
	uint64_t resolve;    /* RESOLVE_… of openat2 */
};

struct found {
	int fd;			 /* O_PATH; -1: there is nothing of this name */
	int parent;		 /* O_PATH; -1 where a link of /proc led to it */
	bool sticky;		 /* the parent is a directory where not everything is its owner's */
	char name[NAME_MAX + 1]; /* in the parent; empty for "/", "." and ".." */
	struct stat stat;
	char place[PATH_MAX]; /* where it really is, as our own root has it */
	const char *path;     /* the same, from the caller's root: `place`, or the end of it */
	bool elsewhere;	      /* that name leads elsewhere for us: there are other mounts */
};

/* 0 or what the kernel would say, -errno; -EACCES also for what must not be reached through us. */
int walk(const struct view *v, int dirfd, const char *path, const struct walk_rules *rules,
	 struct found *out);
void found_release(struct found *f);

#endif
