// SPDX-License-Identifier: Apache-2.0
#include "rules.h"

#include "pids.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

int rules_hold(const char *path, struct stat *st)
{
	char link[32], real[PATH_MAX];
	int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC), err = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, real, sizeof(real));
	if (n < 0 || fstat(fd, st) < 0)
		err = -errno;
	else if ((size_t)n != strlen(path) || memcmp(real, path, (size_t)n))
		err = -ELOOP;
	if (err)
		close(fd);
	return err ? err : fd;
}

/* What is at a rule's path. */
struct place {
	int fd; /* -1: nothing that could be held */
	bool there, link, directory;
};

/* Nothing is there, or nobody here can tell: it has to be asked about when it is. */
static bool is_absent(int err)
{
	return err == -ENOENT || err == -ENOTDIR || err == -EACCES || err == -ENAMETOOLONG;
}

static int look(const char *path, struct place *out)
{
	struct stat st = { 0 };

	*out = (struct place){ .fd = -1 };
	if (is_by_process(path)) { /* which leads through links, and to others at each run */
		out->there = stat(path, &st) == 0;
		out->directory = S_ISDIR(st.st_mode);
		return 0;
	}
	out->fd = rules_hold(path, &st);
	out->link = out->fd == -ELOOP || S_ISLNK(st.st_mode);
	out->there = out->fd >= 0 || out->link;
	out->directory = out->fd >= 0 && S_ISDIR(st.st_mode);
	if (out->fd >= 0)
		return 0;
	return out->link || is_absent(out->fd) ? 0 : out->fd;
}

static DIR *list_of(const char *path, const struct place *at)
{
	int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	int fd = at->fd < 0 ? open(path, flags) : openat(at->fd, ".", flags);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d && fd >= 0)
		close(fd);
	return d;
}

/* What is in a directory that names may be made in belongs to somebody else. */
static int note_there(struct rules *rules, const char *directory, const struct place *at)
{
	DIR *d = list_of(directory, at);
	struct dirent *entry;
	char path[PATH_MAX];
	int err = d ? 0 : -errno;

	while (!err && (errno = 0, entry = readdir(d))) {
		int n = snprintf(path, sizeof(path), "%s/%s", directory[1] ? directory : "",
				 entry->d_name);

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
		    n >= (int)sizeof(path))
			continue;
		if (!bag_put(&rules->there, path, (size_t)n))
			err = -ENOMEM;
	}
	if (!err && errno) /* the list has no end: what is behind here would be the run's own */
		err = -errno;
	if (d)
		closedir(d);
	return err;
}

static unsigned rights_for(const struct place *at, bool writing, bool list)
{
	if (list)
		return writing ? RIGHT_LIST_IT | RIGHT_NAMES_IT : RIGHT_LIST_IT;
	if (!writing)
		return OF_READING;
	if (!at->there)
		return OF_WRITING_IN | RIGHT_ITS_NAME;
	return at->directory ? OF_WRITING_IN : RIGHT_WRITE;
}

static int take_rule(struct rules *rules, const struct bag_entry *e, bool writing)
{
	char path[PATH_MAX];
	size_t n = e->length;
	bool list = is_list(e->key, n);
	struct place at;
	int err;

	if (n >= sizeof(path))
		return 0; /* no file can have it */
	memcpy(path, e->key, n + 1);
	if (list)
		n = n == 2 ? 1 : n - 2;
	path[n] = '\0';
	err = look(path, &at);
	if (is_by_process(path))
		rules->by_process++;
	else if (at.link)
		rules->links++;
	else if (!at.there)
		note_missing(rules, path);
	if (!err && list && writing && at.directory)
		err = note_there(rules, path, &at);
	if (at.fd >= 0)
		close(at.fd);
	if (err)
		snprintf(rules->missed, sizeof(rules->missed), "%s", path);
	return err ? err : give_rights(rules, path, n, rights_for(&at, writing, list));
}

int rules_take(const struct profile *profile, struct rules *out)
{
	int err = 0;

	*out = (struct rules){ .allow = &profile->allow,
			       .bind = &profile->bind,
			       .execs = !profile->calls_said ||
					bag_find(&profile->calls, "execve", 6) ||
					bag_find(&profile->calls, "execveat", 8) };
	for (uint32_t i = 0; !err && i < profile->read.count; i++)
		err = take_rule(out, &profile->read.at[i], false);
	for (uint32_t i = 0; !err && i < profile->write.count; i++)
		err = take_rule(out, &profile->write.at[i], true);
	return err;
}

#define OF_ITSELF ((unsigned)(RIGHT_LIST_IT | RIGHT_NAMES_IT | RIGHT_ITS_NAME))

static unsigned rights_at(const struct rules *rules, const char *path, size_t length)
{
	const struct bag_entry *e = bag_find(&rules->paths, path, length);

	return e ? e->flags : 0;
}

/* Where the name behind `length` bytes of the path ends. */
static size_t next_name(const char *path, size_t length, size_t all)
{
	size_t end = length > 1 ? length + 1 : 1;

	while (end < all && path[end] != '/')
		end++;
	return end;
}

/* What the rule for a directory on the way gives; `at` is its rights, `length` where its path ends. */
static unsigned rights_below(const struct rules *rules, const char *path, size_t length, size_t all,
			     unsigned at)
{
	unsigned rights = at & ~OF_ITSELF;
	size_t name = next_name(path, length, all);

	if (!(at & RIGHT_NAMES_IT))
		return rights;
	if (!bag_find(&rules->there, path, name))
		return rights | RIGHT_READ | RIGHT_WRITE | RIGHT_NAMES;
	if (name == all && rights_at(rules, path, all) & (RIGHT_WRITE | RIGHT_NAMES_IT))
		rights |= RIGHT_NAMES;
	return rights;
}

/* Of all rules but that for the very path. */
static unsigned rights_above(const struct rules *rules, const char *path, size_t length)
{
	unsigned rights = 0;

	if (length > 1)
		rights = rights_below(rules, path, 1, length, rights_at(rules, "/", 1));
	for (size_t i = 1; i < length; i++)
		if (path[i] == '/')
			rights |= rights_below(rules, path, i, length, rights_at(rules, path, i));
	return rights;
}

static unsigned rights_of(const struct rules *rules, const char *path, bool own)
{
	size_t length = strlen(path);
	unsigned rights = rights_above(rules, path, length);

	if (own)
		rights |= rights_at(rules, path, length) & ~(unsigned)RIGHT_NAMES;
	return own && rights & RIGHT_ITS_NAME ? rights | RIGHT_NAMES : rights;
}

static unsigned rights_by_any_name(const struct rules *rules, const char *path, bool own,
				   pid_t caller)
{
	char mine[PATH_MAX], any[PATH_MAX];
	unsigned rights;

	if (path[0] != '/' || strlen(path) >= PATH_MAX)
		return 0;
	rights = rights_of(rules, path, own);
	if (strncmp(path, "/proc/", 6))
		return rights;
	(void)path_without_pids(path, caller, mine);
	(void)path_of_any_pid(path, any);
	return rights | rights_of(rules, mine, own) | rights_of(rules, any, own);
}

unsigned rules_rights(const struct rules *rules, const char *path, pid_t caller)
{
	return rights_by_any_name(rules, path, true, caller);
}

unsigned rules_rights_above(const struct rules *rules, const char *path, pid_t caller)
{
	return rights_by_any_name(rules, path, false, caller);
}

void rules_free(struct rules *rules)
{
	bag_free(&rules->paths);
	bag_free(&rules->there);
}
