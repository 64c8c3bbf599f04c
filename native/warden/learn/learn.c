// SPDX-License-Identifier: Apache-2.0
#include "learn.h"

#include "../command.h"
#include "../exits.h"
#include "cow.h"
#include "../profile/generalize.h"
#include "make.h"
#include "new-root.h"
#include "observe.h"
#include "prove.h"
#include "tightness.h"

#include "jsonl.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT_MOST  1000000u /* seconds */
#define PIECE_BYTES 500u     /* of which each may take six in a line: \u00XX */

struct request {
	const char *out; /* NULL: standard output */
	uint64_t limit_ns;
	bool in_place, partial;
	bool prove, held;  /* runs it once more; under the profile */
	const char *root;  /* NULL: ours */
	int events;	   /* where the profile goes as events; -1: nowhere */
	unsigned collapse; /* rules in one directory that become one; 0: none do */
	char **merge;	   /* profiles, to the end; NULL: none */
	char **diff;	   /* two profiles; NULL: none */
	char **command;	   /* NULL where there is none to be learned */
};

/* Where the profile goes, opened before the view hides it. */
struct place {
	int directory;
	char name[NAME_MAX + 1], draft[NAME_MAX + 1];
};

static int complain(const char *word, const char *what)
{
	fprintf(stderr, "warden: %s: %s\n", word, what);
	return -EINVAL;
}

static int parse_limit(const char *text, uint64_t *ns)
{
	char *end;
	unsigned long seconds;

	errno = 0;
	seconds = strtoul(text, &end, 10);
	if (errno || end == text || *end || seconds < 1 || seconds > LIMIT_MOST)
		return complain(text, "--limit takes whole seconds, 1 to 1000000");
	*ns = seconds * 1000000000u;
	return 0;
}

static bool takes_value(const char *flag)
{
	return !strcmp(flag, "-o") || !strcmp(flag, "--limit") || !strcmp(flag, "--root") ||
	       !strcmp(flag, "--events") || !strcmp(flag, "--collapse");
}

static int parse_collapse(const char *text, unsigned *least)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno || end == text || *end || n < 2 || n > BAG_MOST)
		return complain(text, "--collapse takes a number of rules, from 2 on");
	*least = (unsigned)n;
	return 0;
}

static int take_value(struct request *out, const char *flag, const char *value)
{
	char *end;

	if (!strcmp(flag, "--limit"))
		return parse_limit(value, &out->limit_ns);
	if (!strcmp(flag, "--collapse"))
		return parse_collapse(value, &out->collapse);
	if (!strcmp(flag, "-o"))
		out->out = value;
	if (!strcmp(flag, "--root"))
		out->root = value;
	if (strcmp(flag, "--events"))
		return 0;
	out->events = (int)strtol(value, &end, 10);
	if (end == value || *end || out->events < 3 || fcntl(out->events, F_SETFD, FD_CLOEXEC) < 0)
		return complain(value, "--events takes the number of an open file, from 3 on");
	return 0;
}

static int parse(char **argv, struct request *out)
{
	*out = (struct request){ .events = -1, .held = true };
	for (; *argv && strcmp(*argv, "--"); argv++) {
		if (!strcmp(*argv, "--in-place")) {
			out->in_place = true;
		} else if (!strcmp(*argv, "--partial")) {
			out->partial = true;
		} else if (!strcmp(*argv, "--merge")) {
			out->merge = argv + 1;
			return argv[1] ? 0
				       : complain(*argv, "takes the profiles' files, to the end");
		} else if (!strcmp(*argv, "--prove")) {
			out->prove = true;
		} else if (!strcmp(*argv, "--prove-freely")) {
			out->prove = true;
			out->held = false;
		} else if (!strcmp(*argv, "--diff")) {
			out->diff = argv + 1;
			return argv[1] && argv[2] && !argv[3]
				       ? 0
				       : complain(*argv, "takes two profiles' files");
		} else if (takes_value(*argv)) {
			if (!argv[1])
				return complain(*argv, "needs a value");
			if (take_value(out, argv[0], argv[1]))
				return -EINVAL;
			argv++;
		} else {
			return complain(*argv, **argv == '-' ? "unknown flag"
							     : "the command goes after --");
		}
	}
	if (!*argv || !argv[1])
		return complain("-- COMMAND", "is needed");
	if (out->root && !out->in_place)
		return complain("--root", "needs --in-place: what is written there stays there");
	out->command = argv + 1;
	return 0;
}

static int open_place(const char *path, struct place *out)
{
	char one[PATH_MAX], other[PATH_MAX];

	if (strlen(path) >= sizeof(one))
		return -ENAMETOOLONG;
	strcpy(one, path);
	strcpy(other, path);
	if ((size_t)snprintf(out->name, sizeof(out->name), "%s", basename(other)) >=
		    sizeof(out->name) ||
	    (size_t)snprintf(out->draft, sizeof(out->draft), ".%s.%d", out->name, (int)getpid()) >=
		    sizeof(out->draft))
		return -ENAMETOOLONG;
	out->directory = open(dirname(one), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return out->directory < 0 ? -errno : 0;
}

static int write_all(struct profile *p, int fd)
{
	FILE *f = fdopen(fd, "w");
	int err = 0;

	if (!f) {
		err = -errno;
		close(fd);
		return err;
	}
	profile_write(p, f);
	if (fflush(f) || ferror(f) || (fsync(fd) < 0 && errno != EINVAL && errno != EROFS))
		err = errno ? -errno : -EIO;
	if (fclose(f) && !err)
		err = -errno;
	return err;
}

/* In pieces, for a lab's runner (docs/formats.md). */
static int send_profile(struct profile *p, int events)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	int err = 0;

	if (!f)
		return -errno;
	profile_write(p, f);
	if (fclose(f))
		err = -errno;
	for (size_t at = 0; !err && at < size; at += PIECE_BYTES) {
		size_t n = size - at < PIECE_BYTES ? size - at : PIECE_BYTES;
		struct jsonl j;

		jsonl_begin(&j, "profile");
		jsonl_str(&j, "text", text + at, n);
		jsonl_bool(&j, "last", at + n == size);
		err = jsonl_send(&j, events);
	}
	free(text);
	return err;
}

/* Whole, or not at all: what was there before is replaced at once. */
static int write_profile(struct profile *p, const struct place *place, int events)
{
	int fd, err;

	if (events >= 0)
		return send_profile(p, events);
	if (place->directory < 0) {
		fd = dup(STDOUT_FILENO);
		return fd < 0 ? -errno : write_all(p, fd);
	}
	fd = openat(place->directory, place->draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	err = write_all(p, fd);
	if (!err && renameat(place->directory, place->draft, place->directory, place->name) < 0)
		err = -errno;
	if (err)
		unlinkat(place->directory, place->draft, 0);
	return err;
}

/* Why there is nothing to write a whole profile of, or NULL. */
static const char *shortcoming(const struct request *words, const struct observation *o,
			       const struct seen *seen, char *text, size_t size)
{
	if (o->timed_out)
		snprintf(text, size, "it was not over after %llu s",
			 (unsigned long long)words->limit_ns / 1000000000u);
	else if (o->end_signal)
		snprintf(text, size, "it was interrupted by signal %d", o->end_signal);
	else if (!seen->ran)
		snprintf(text, size, "it could not be run");
	else if (WIFSIGNALED(o->status))
		snprintf(text, size, "it was killed by signal %d", WTERMSIG(o->status));
	else if (WEXITSTATUS(o->status))
		snprintf(text, size, "it ended with status %d", WEXITSTATUS(o->status));
	else if (seen->overflow)
		snprintf(text, size, "it did more different things than a profile can say");
	else
		return NULL;
	return text;
}

static int exit_of(const struct observation *o)
{
	if (o->end_signal)
		return EXIT_SIGNAL_BASE + o->end_signal;
	return WIFEXITED(o->status) ? WEXITSTATUS(o->status)
				    : EXIT_SIGNAL_BASE + WTERMSIG(o->status);
}

static int fail_write(const struct request *words, int err)
{
	fprintf(stderr, "warden: %s: %s\n", words->out ? words->out : "standard output",
		strerror(-err));
	return EXIT_OWN_FAILURE;
}

/*
 * The path that was executed, absolute. Its last name stays as it is, though it be a link: programs
 * of many names go by it.
 */
static void find_program(char **command, char out[PATH_MAX])
{
	char directory[PATH_MAX], name[PATH_MAX], resolved[PATH_MAX];
	struct command c;
	int n;

	command_init(&c, command);
	memcpy(directory, c.path, sizeof(directory));
	memcpy(name, c.path, sizeof(name));
	if (!realpath(dirname(directory), resolved))
		resolved[0] = '\0';
	n = snprintf(out, PATH_MAX, "%s/%s", resolved[1] ? resolved : "", basename(name));
	if (n >= PATH_MAX)
		out[0] = '\0'; /* the kernel would not have taken it either */
}

static int conclude(const struct request *words, const struct place *place,
		    const struct observation *o, struct seen *seen, const struct cow *cow)
{
	char text[96];
	const char *why = shortcoming(words, o, seen, text, sizeof(text));
	char program[PATH_MAX];
	struct profile profile;
	int err, status;

	find_program(words->command, program);
	if (why && (!words->partial || !seen->ran)) {
		fprintf(stderr, "warden: %s: %s: no profile is written%s\n", words->command[0], why,
			seen->ran ? " (--partial writes what was seen)" : "");
		return exit_of(o) ? exit_of(o) : EXIT_REFUSED;
	}
	err = profile_make(seen, cow, program, words->command, &profile);
	profile.partial = why != NULL;
	if (!err && words->collapse)
		err = profile_collapse(&profile, words->collapse, getenv("HOME"));
	if (!err && !o->end_signal)
		tightness_measure(&profile, seen);
	status = !err && words->prove ? prove(&profile, words->command, words->held, words->events,
					      words->limit_ns)
				      : exit_of(o);
	if (!err && words->prove && status != exit_of(o)) {
		fprintf(stderr,
			"warden: %s: held to its profile it ended with status %d, not %d: no "
			"profile is "
			"written\n",
			words->command[0], status, exit_of(o));
		profile_free(&profile);
		return status ? status : EXIT_REFUSED;
	}
	if (!err)
		err = write_profile(&profile, place, words->events);
	profile_free(&profile);
	return err ? fail_write(words, err) : exit_of(o);
}

static void say_view(const struct cow_error *error)
{
	fprintf(stderr,
		"warden: what the command writes cannot be kept apart: %s%s%s: %s\n"
		"  (--in-place learns without that, and what it writes stays)\n",
		error->step, error->about[0] ? " " : "", error->about, strerror(-error->error));
}

static int merge(const struct request *words, const struct place *place)
{
	struct profile all, one;
	int status = profile_load(words->merge[0], &all), err = 0;

	if (status)
		return status;
	for (char **path = words->merge + 1; !status && !err && *path; path++) {
		status = profile_load(*path, &one);
		if (status)
			break;
		err = profile_merge(&all, &one);
		profile_free(&one);
	}
	if (!status && !err && words->collapse)
		err = profile_collapse(&all, words->collapse, getenv("HOME"));
	if (!status && !err)
		err = write_profile(&all, place, -1);
	profile_free(&all);
	return err ? fail_write(words, err) : status;
}

/* As diff(1) has it: 1 when they differ. */
static int diff(const struct request *words)
{
	struct profile before, after;
	int status = profile_load(words->diff[0], &before);

	if (status)
		return status;
	status = profile_load(words->diff[1], &after);
	if (!status)
		status = profile_diff(&before, &after, stdout) ? 1 : 0;
	profile_free(&before);
	profile_free(&after);
	return status;
}

int learn(char **argv)
{
	static struct seen seen;
	static struct cow_error cow_error; /* large */
	static struct cow cow;
	struct place place = { .directory = -1 };
	struct observation observation;
	struct request words;
	const char *step;
	int err;

	if (parse(argv, &words))
		return EXIT_WORDS;
	err = words.out ? open_place(words.out, &place) : 0;
	if (err) {
		fprintf(stderr, "warden: %s: %s\n", words.out, strerror(-err));
		return EXIT_WORDS;
	}
	if (words.merge)
		return merge(&words, &place);
	if (words.diff)
		return diff(&words);
	if (words.root && (err = new_root(words.root, &step))) {
		fprintf(stderr, "warden: %s: %s: %s\n", words.root, step, strerror(-err));
		return EXIT_REFUSED;
	}
	command_raise_files();
	err = words.in_place ? cow_none(&cow) : cow_enter(&cow, &cow_error);
	if (err) {
		say_view(&cow_error);
		return EXIT_REFUSED;
	}
	observe(words.command, words.limit_ns, &seen, &observation);
	if (observation.step) {
		fprintf(stderr, "warden: %s: %s\n", observation.step, strerror(-observation.error));
		return EXIT_OWN_FAILURE;
	}
	seen.disk_bytes = cow_bytes(&cow);
	return conclude(&words, &place, &observation, &seen, &cow);
}
