/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file system as the workload sees it: everything is there, and what is written stays in memory
 * and is gone with us. Needs overlayfs, and where we are not root a user namespace that may mount
 * it (Linux 5.11).
 */
#ifndef PF_COW_H
#define PF_COW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* Mounts that a view is made of; more are refused. */
#define COW_MOUNTS 128u

struct cow {
	unsigned count;
	struct cow_mount {
		char *at; /* where it is, without a slash at its end; the root's is empty */
		int fd; /* of what was there before; -1: what is written there is not kept apart */
	} mount[COW_MOUNTS];
	unsigned overlays;
	int store; /* the directory that takes what is written; -1: none does */
};

/* What cannot be had: a step, a path or NULL, and -errno. */
struct cow_error {
	const char *step;
	char about[4096];
	int error;
};

/* We are in the view when it returns, at the same working directory. 0 or -errno. */
int cow_enter(struct cow *cow, struct cow_error *error);
/* No view: what is written is written, and was there is what is there. 0 or -errno. */
int cow_none(struct cow *cow);
/* Whether an absolute path was there before the workload came. */
bool cow_had(const struct cow *cow, const char *path);
/* Bytes that were written and are kept, 0 where none are. */
uint64_t cow_bytes(const struct cow *cow);
void cow_close(struct cow *cow);

#endif
