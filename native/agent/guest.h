/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's own setting up: mounts, modules, and what its kernel can do. */
#ifndef PF_GUEST_H
#define PF_GUEST_H

#include "jsonl.h"

struct fault {
	const char *step, *subject;
	int err; /* -errno */
};

/* Mounts /proc, /sys, /dev, /run and /tmp. 0, or the step that failed in fault. */
int guest_mount(struct fault *fault);

/* Loads one module file. 0 or -errno; a missing file is -ENOENT. */
int guest_load_module(const char *path);

/* Writes value to /proc/sys/<name>. 0 or -errno. */
int guest_sysctl(const char *name, const char *value);

/*
 * Gives the kernel's random pool a file's bytes, up to 512, as good as they are long. 0 or -errno; a
 * missing file is -ENOENT.
 */
int guest_seed_random(const char *path);

/* Adds {"features":{…}}: each a name of the design with its version, 1, or 0 when absent. */
void guest_features(struct jsonl *j);

/*
 * Leaves most of the free memory filled with zeros, which a checkpoint need not store, where there
 * is much of it. 0 or -errno.
 */
int guest_scrub(void);

#endif
