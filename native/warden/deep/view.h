/* SPDX-License-Identifier: Apache-2.0 */
/* A caller as files see it: its root, its directory, its credentials. */
#ifndef PF_DEEP_VIEW_H
#define PF_DEEP_VIEW_H

#include "../capabilities.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct view {
	pid_t tid, tgid;
	pid_t keeper; /* a process of ours, whose /proc is as good as our own */
	int root;     /* O_PATH */
	bool ours; /* it is our own root, so names from there lead for us where they lead for it */
	bool elsewhere;		  /* in another mount namespace, whose names say nothing to us */
	bool acts;		  /* under VIEW_ACTS */
	char root_path[PATH_MAX]; /* as we have it; "/" is our own */
	mode_t umask;		  /* under VIEW_MAKES */
	struct loan loan;	  /* what is done for it is done on these terms; under VIEW_ACTS */
};

/* What a view is for; nothing of it: to see where paths lead. */
#define VIEW_ACTS  1u /* we are to act for the caller, so credentials matter */
#define VIEW_MAKES 2u /* something may be made, so the umask does */

/*
 * 0; -EPERM when the caller's user or groups are not ours, so that what we may is not what it may;
 * or -errno.
 */
int view_open(struct view *v, pid_t tid, pid_t tgid, unsigned purpose);
void view_close(struct view *v);
/* The directory of our own open files, O_PATH; -1 where there is no /proc. */
int view_own_files(void);
/* Where a relative path begins: O_PATH, or -errno (-EBADF, -ENOTDIR). */
int view_directory(const struct view *v, int dirfd);
/* Where an O_PATH or other fd of ours leads, as our own root has it. 0 or -errno. */
int view_place(int fd, char *out, size_t size);
/* Of such a place its end, as seen from the caller's root; what lies outside of that stays as it is. */
const char *view_seen(const struct view *v, const char *place);
/* Whether the caller itself could look wherever we have looked for it. */
bool view_is_its_own(const struct view *v);
/*
 * Whether the name of the place that an fd of ours leads to leads there for us, too: under other mounts
 * it may be another's. What is in no directory has no name that could be.
 */
bool view_is_true(const struct view *v, int fd, const char *place);
/* Where an O_PATH or other fd of ours leads, as seen from the caller's root. 0 or -errno. */
int view_path(const struct view *v, int fd, char *out, size_t size);
/* Whether the next can be had: the list of files of who is not dumpable is root's. */
bool view_sees_files(const struct view *v);
/* The same of an fd of the caller's; and as our own root has it. */
int view_path_of_its(const struct view *v, int fd, char *out, size_t size);
int view_place_of_its(const struct view *v, int fd, char *out, size_t size);
/* What an fd of the caller's is open for. 0 or -errno. */
int view_stat_of_its(const struct view *v, int fd, struct stat *out);

enum view_namespace { VIEW_USER, VIEW_PID, VIEW_MOUNT };

/* Whether we are in the same one. */
bool view_shares(const struct view *v, enum view_namespace which);

#endif
