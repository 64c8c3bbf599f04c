/* SPDX-License-Identifier: Apache-2.0 */
/* A walk under way: where it is, and how it moves. For walk.c and what it is made of. */
#ifndef PF_DEEP_WALKER_H
#define PF_DEEP_WALKER_H

#include "walk.h"

#define PROC_ROOT 1 /* the inode number of every procfs's root */

struct walker {
	const struct view *view;
	const struct walk_rules *rules;
	struct found *out;
	int at, root; /* O_PATH; root is not ours to close */
	struct stat at_stat, root_stat;
	bool in_proc; /* `at` is on a procfs */
	bool sure;    /* it came here by names alone, from our own root */
	unsigned long mount;
	unsigned links;
	char rest[2 * PATH_MAX]; /* what is yet to be walked */
};

/* Takes `fd` over as the directory to go on from. 0 or -errno. */
int walker_enter(struct walker *w, int fd);
int walker_enter_copy(struct walker *w, int fd);
int walker_begin_at_root(struct walker *w);
int walker_go_up(struct walker *w);
/* Puts `text` before what is left. */
int walker_prepend(struct walker *w, const char *text);
/* A path may begin at the root: then that is where it goes on. */
int walker_restart_if_absolute(struct walker *w);
unsigned long walker_mount_of(int fd);
/* RESOLVE_NO_XDEV: -EXDEV on another mount than the walk began on. */
int walker_check_mount(const struct walker *w, int fd);
/* RESOLVE_BENEATH, RESOLVE_IN_ROOT: -EAGAIN when this does not lie below where the walk began. */
int walker_check_scope(const struct walker *w, int fd);

/*
 * Most paths lead through no link and not into a procfs: the kernel then finds what a walk would
 * find. Everything else, errors too, is left to the walk. Needs openat2 (5.6).
 */
bool walk_straight(const struct view *v, int dirfd, const char *path,
		   const struct walk_rules *rules, struct found *out);

/* Fills the place, and what follows from it, of what was found or of its parent; `sure` as above. */
int walk_name(const struct view *v, struct found *out, bool sure);

bool proc_is_mounted_at(int fd);
/* What the links of procfs's root that mean whoever asks are to the caller: 1, 0 for others. */
int proc_name_the_caller(const struct walker *w, const char *name, char *out, size_t size);
/* -EACCES for what must not be reached through us. */
int proc_check(const struct walker *w, const char *name);

#endif
