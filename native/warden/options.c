// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include "flaws.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define PROCESSES_MAX 65536

static const char *const backends[] = { "auto", "notify", "trace", NULL };
static const char *const guards[] = { "none", "strict", NULL };
static const char *const foreigners[] = { "refuse", "allow", NULL };
static const char *const files[] = { "auto", "landlock", "judged", NULL };
static const char *const tracks[] = { "fork", "lazy", "none", NULL };
static const char *const unjudged[] = { "deny", "allow", NULL };

const char *guard_name(enum guard_mode mode)
{
	return guards[mode];
}

const char *track_name(enum track_mode mode)
{
	return tracks[mode];
}

const char *files_name(enum files_mode mode)
{
	return files[mode];
}

static int choose(const char *const *names, const char *value)
{
	for (int i = 0; names[i]; i++)
		if (!strcmp(names[i], value))
			return i;
	return -EINVAL;
}

static int parse_fd(const char *value)
{
	char *end;
	long fd;

	errno = 0;
	fd = strtol(value, &end, 10);
	if (errno || end == value || *end || fd < 0 || fd > 1 << 20)
		return -EINVAL;
	return (int)fd;
}

static int parse_count(const char *value, unsigned *out)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(value, &end, 10);
	if (errno || end == value || *end || n < 1 || n > PROCESSES_MAX)
		return -EINVAL;
	*out = (unsigned)n;
	return 0;
}

/* Returns -ENOENT for an unknown flag, -EINVAL for a value it does not know. */
static int set(struct config *c, const char *flag, const char *value)
{
	int choice;

	if (!strcmp(flag, "--policy")) {
		c->policy_path = value;
		return 0;
	}
	if (!strcmp(flag, "--profile") || !strcmp(flag, "-p")) {
		c->profile_path = value;
		return 0;
	}
	if (FLAWS_PLANTED && !strcmp(flag, "--flaw"))
		return flaw_choose(value);
	if (!strcmp(flag, "--max-processes"))
		return parse_count(value, &c->max_processes);
	if (!strcmp(flag, "--events"))
		return (c->events_fd = parse_fd(value)) < 0 ? -EINVAL : 0;
	if (!strcmp(flag, "--backend")) {
		choice = choose(backends, value);
		c->backend = choice < 0 ? BACKEND_AUTO : (enum backend_choice)choice;
	} else if (!strcmp(flag, "--argv-guard")) {
		choice = choose(guards, value);
		c->guard = choice == GUARD_NONE ? GUARD_NONE : GUARD_STRICT;
	} else if (!strcmp(flag, "--deep-guard")) {
		choice = choose(guards, value);
		c->deep = choice == DEEP_UNGUARDED ? DEEP_UNGUARDED : DEEP_STRICT;
	} else if (!strcmp(flag, "--foreign-abi")) {
		choice = choose(foreigners, value);
		c->foreign = choice == FOREIGN_ALLOW ? FOREIGN_ALLOW : FOREIGN_REFUSE;
	} else if (!strcmp(flag, "--files")) {
		choice = choose(files, value);
		c->files = choice < 0 ? FILES_AUTO : (enum files_mode)choice;
	} else if (!strcmp(flag, "--track")) {
		choice = choose(tracks, value);
		c->track = choice < 0 ? TRACK_FORK : (enum track_mode)choice;
	} else if (!strcmp(flag, "--on-unjudged")) {
		choice = choose(unjudged, value);
		c->allow_unjudged = choice == 1;
	} else {
		return -ENOENT;
	}
	return choice < 0 ? -EINVAL : 0;
}

static int complain(const char **complaint, const char **word, const char *what, const char *about)
{
	*complaint = what;
	*word = about;
	return -EINVAL;
}

static int parse_run(char **argv, struct config *out, const char **complaint, const char **word)
{
	for (; *argv && strcmp(*argv, "--"); argv += 2) {
		int err;

		if (strncmp(*argv, "--", 2) && strcmp(*argv, "-p"))
			return complain(complaint, word, "the command goes after --", *argv);
		if (!argv[1])
			return complain(complaint, word, "needs a value", *argv);
		err = set(out, argv[0], argv[1]);
		if (err == -ENOENT)
			return complain(complaint, word, "unknown flag", argv[0]);
		if (err)
			return complain(complaint, word, "unknown value", argv[1]);
	}
	if (!out->policy_path && !out->profile_path)
		return complain(complaint, word, "is needed", "--policy FILE or --profile FILE");
	if (out->policy_path && out->profile_path)
		return complain(complaint, word, "not together with --profile", "--policy");
	if (out->files != FILES_AUTO && !out->profile_path)
		return complain(complaint, word, "is for --profile", "--files");
	if (*argv && argv[1])
		out->command = argv + 1;
	else if (*argv || out->policy_path)
		return complain(complaint, word, "is needed", "-- COMMAND");
	return 0;
}

int options_parse(char **argv, struct config *out, const char **complaint, const char **word)
{
	*out = (struct config){
		.guard = GUARD_STRICT, .deep = DEEP_STRICT, .track = TRACK_FORK, .events_fd = -1
	};
	if (!*argv || !argv[1])
		return complain(complaint, word, "is needed", "run, learn or probe");
	if (!strcmp(argv[1], "probe")) {
		out->verb = VERB_PROBE;
		return argv[2] ? complain(complaint, word, "probe takes no words", argv[2]) : 0;
	}
	if (strcmp(argv[1], "run"))
		return complain(complaint, word, "unknown word", argv[1]);
	return parse_run(argv + 2, out, complaint, word);
}
