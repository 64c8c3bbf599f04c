// SPDX-License-Identifier: Apache-2.0
#include "rules.h"

#include "pids.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* By a rule for a directory; what a rule for a file gives is what it says. */
#define OF_READING    (RIGHT_READ | RIGHT_RUN)
#define OF_WRITING_IN (RIGHT_READ | RIGHT_WRITE | RIGHT_NAMES)

static int give_rights(struct rules *rules, const char *path, size_t length, unsigned rights)
{
	struct bag_entry *e = bag_put(&rules->paths, path, length);

	if (!e)
		return -ENOMEM;
	e->flags |= rights;
	return 0;
}

static bool is_by_process(const char *path)
{
	return !strncmp(path, "/proc/self", 10) || !strncmp(path, "/proc/*", 7);
}

static void note_missing(struct rules *rules, const char *path)
{
	if (!rules->missing++)
		snprintf(rules->missed, sizeof(rules->missed), "%s", path);
}

/* "/dir/." is the list of /dir alone. */
static bool is_list(const char *path, size_t length)
{
	return length >= 2 && !strcmp(path + length - 2, "/.");
}

static int take_rule(struct rules *rules, const struct bag_entry *e, bool writing)
{
	char path[PATH_MAX];
	size_t n = e->length;
	bool list = is_list(e->key, n), there;
	unsigned rights = writing ? RIGHT_WRITE : OF_READING;
	struct stat st;

	if (n >= sizeof(path))
		return 0; /* no file can have it */
	memcpy(path, e->key, n + 1);
	if (list)
		n = n == 2 ? 1 : n - 2;
	path[n] = '\0';
	there = stat(path, &st) == 0;
	if (is_by_process(path))
		rules->by_process++;
	else if (!there)
		note_missing(rules, path);
	if (writing && there && S_ISDIR(st.st_mode))
		rights = OF_WRITING_IN;
	return give_rights(rules, path, n, list ? RIGHT_LIST_IT : rights);
}

int rules_take(const struct profile *profile, struct rules *out)
{
	int err = 0;

	*out = (struct rules){ .allow = &profile->allow,
			       .bind = &profile->bind,
			       .execs = bag_find(&profile->calls, "execve", 6) ||
					bag_find(&profile->calls, "execveat", 8) };
	for (uint32_t i = 0; !err && i < profile->read.count; i++)
		err = take_rule(out, &profile->read.at[i], false);
	for (uint32_t i = 0; !err && i < profile->write.count; i++)
		err = take_rule(out, &profile->write.at[i], true);
	return err;
}

/* Of the path's first `length` bytes, which are a name on the way to all of it, or all. */
static unsigned rights_at(const struct rules *rules, const char *path, size_t length, bool whole)
{
	const struct bag_entry *e = bag_find(&rules->paths, path, length);
	unsigned rights = e ? e->flags : 0;

	return whole ? rights & ~(unsigned)RIGHT_NAMES : rights & ~(unsigned)RIGHT_LIST_IT;
}

static unsigned rights_along(const struct rules *rules, const char *path, size_t length)
{
	unsigned rights = rights_at(rules, "/", 1, length == 1);

	for (size_t i = 1; i < length; i++)
		if (path[i] == '/')
			rights |= rights_at(rules, path, i, false);
	return length > 1 ? rights | rights_at(rules, path, length, true) : rights;
}

static unsigned rights_of(const struct rules *rules, const char *path, size_t length, pid_t caller)
{
	char text[PATH_MAX], mine[PATH_MAX], any[PATH_MAX];
	unsigned rights;

	if (path[0] != '/' || length >= sizeof(text))
		return 0;
	rights = rights_along(rules, path, length);
	if (strncmp(path, "/proc/", 6))
		return rights;
	memcpy(text, path, length);
	text[length] = '\0';
	rights |= rights_along(rules, mine, path_without_pids(text, caller, mine));
	return rights | rights_along(rules, any, path_of_any_pid(text, any));
}

unsigned rules_rights(const struct rules *rules, const char *path, pid_t caller)
{
	return rights_of(rules, path, strlen(path), caller);
}

unsigned rules_rights_above(const struct rules *rules, const char *path, pid_t caller)
{
	const char *slash = strrchr(path, '/');
	size_t length = slash > path ? (size_t)(slash - path) : 1;
	unsigned rights = rights_of(rules, path, length, caller);
	const struct bag_entry *e = bag_find(&rules->paths, path, length);

	/* What a rule for that directory itself gives to all beneath it. */
	return (rights | (e ? e->flags : 0)) & ~(unsigned)RIGHT_LIST_IT;
}
