/* SPDX-License-Identifier: Apache-2.0 */
/* The command line, parsed once into a config that does not change. */
#ifndef PF_OPTIONS_H
#define PF_OPTIONS_H

#include <stdbool.h>

enum verb { VERB_RUN, VERB_PROBE };
enum backend_choice { BACKEND_AUTO, BACKEND_NOTIFY, BACKEND_TRACE };
enum guard_mode { GUARD_NONE, GUARD_STRICT };
enum deep_mode { DEEP_UNGUARDED, DEEP_STRICT };
enum foreign_mode { FOREIGN_REFUSE, FOREIGN_ALLOW };
/* Who sees to a profile's rules for files: Landlock where it can say them, it or nobody, the warden. */
enum files_mode { FILES_AUTO, FILES_LANDLOCK, FILES_JUDGED };
enum track_mode { TRACK_FORK, TRACK_LAZY, TRACK_NONE };

struct config {
	enum verb verb;
	enum backend_choice backend;
	enum guard_mode guard;
	enum deep_mode deep;
	enum foreign_mode foreign;
	enum track_mode track;
	bool allow_unjudged;
	unsigned max_processes;	  /* 0: not given */
	int events_fd;		  /* -1: not given */
	const char *policy_path;  /* or: */
	const char *profile_path; /* NULL: a policy was given */
	enum files_mode files;
	char **command; /* argv of the root command, ends with NULL; NULL: the profile's */
};

/* Returns 0, or -EINVAL with a complaint (and the word it is about) for the user. */
int options_parse(char **argv, struct config *out, const char **complaint, const char **word);

const char *guard_name(enum guard_mode mode);
const char *track_name(enum track_mode mode);
const char *files_name(enum files_mode mode);

#endif
