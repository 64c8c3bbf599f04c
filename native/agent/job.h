/* SPDX-License-Identifier: Apache-2.0 */
/* The job of docs/formats.md, parsed. All strings lie in the job's own arena. */
#ifndef PF_JOB_H
#define PF_JOB_H

#include "standing.h"

#include <stdbool.h>
#include <stddef.h>

#define JOB_MAX		   4080 /* bytes of JSON: a page less the mailbox's header */
#define JOB_WORDS_MAX	   64
#define JOB_SETTINGS_MAX   8
#define JOB_MILESTONES_MAX 4
#define JOB_HOOKS_MAX	   64

struct setting {
	const char *name, *value; /* below /proc/sys */
};

struct settings {
	size_t count;
	struct setting of[JOB_SETTINGS_MAX];
};

struct milestone {
	const char *event;
	struct settings settings;
	bool reached;
};

/* One of the hooks that entry `index` of the job's list comes to. */
struct job_hook {
	const char *word; /* base64 */
	unsigned index;
};

struct job {
	const char *lane, *seed;
	long long limit_ms;
	long long shell_bytes; /* 0, or a person's shell is all there is to it */
	bool truth, leaks;
	struct standing standing;
	struct settings sysctl;
	size_t milestone_count;
	struct milestone milestones[JOB_MILESTONES_MAX];
	size_t hook_count;
	struct job_hook hooks[JOB_HOOKS_MAX];
	const char *argv[JOB_WORDS_MAX + 1], *env[JOB_WORDS_MAX + 1]; /* NULL at the end */
	char arena[JOB_MAX + 1];
};

/* 0, -EINVAL for text that is not a job, or -E2BIG for more of something than there is room for. */
int job_parse(struct job *job, const char *text, size_t n);

#endif
