// SPDX-License-Identifier: Apache-2.0
#include "generalize.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* What a rule must not come to cover unseen: the places themselves, and secrets in them with all beneath. */
static const char *const places[] = {
	"/etc",	     "/root",	 "/home",      "/boot",	     "/dev",	 "/run",
	"/tmp",	     "/var/lib", "/var/log",   "/var/spool", "/var/tmp", "/usr/bin",
	"/usr/sbin", "/usr/lib", "/usr/share", "/usr/local", NULL,
};
/* In /proc and /sys one directory has in it what anybody may know and what nobody may. */
static const char *const secrets[] = {
	"/etc/ssl/private", "/etc/ssh", "/etc/sudoers.d", "/etc/shadow", "/proc", "/sys", NULL,
};
/* By these names, whosever home it is. */
static const char *const of_homes[] = { ".ssh", ".gnupg", ".aws", ".config", ".netrc", NULL };

/* Whether `path` is `directory` or lies beneath it. */
static bool is_within(const char *path, const char *directory)
{
	size_t n = strlen(directory);

	return !strncmp(path, directory, n) && (!path[n] || path[n] == '/');
}

/* Where the first name in a path begins that is a secret's in homes; 0: there is none. */
static size_t find_of_homes(const char *path)
{
	for (const char *at = path; (at = strchr(at, '/')); at++)
		for (const char *const *name = of_homes; *name; name++)
			if (is_within(at + 1, *name))
				return (size_t)(at + 1 - path);
	return 0;
}

/* Somebody's home: what is in it is of all kinds. */
static bool is_home(const char *directory)
{
	return !strncmp(directory, "/home/", 6) && !strchr(directory + 6, '/');
}

static bool is_guarded(const char *directory, const char *home)
{
	/* At the top everything is somebody's. */
	if (!strchr(directory + 1, '/'))
		return true;
	for (const char *const *place = places; *place; place++)
		if (is_within(*place, directory))
			return true;
	for (const char *const *secret = secrets; *secret; secret++)
		if (is_within(*secret, directory) || is_within(directory, *secret))
			return true;
	return is_home(directory) || find_of_homes(directory) ||
	       (home && is_within(home, directory));
}

/* The directory of a rule's file; false for a rule of a directory itself, which is narrower than any other. */
static bool directory_of(const struct bag_entry *e, char out[PATH_MAX])
{
	const char *slash = strrchr(e->key, '/');

	if (e->length >= PATH_MAX || !strcmp(slash, "/.") || slash == e->key)
		return false;
	memcpy(out, e->key, (size_t)(slash - e->key));
	out[slash - e->key] = '\0';
	return true;
}

static int add(struct bag *bag, const char *key, size_t length, const struct bag_entry *from)
{
	struct bag_entry *e = bag_put(bag, key, length);

	if (!e)
		return -ENOMEM;
	e->times += from->times - 1;
	/* In as many runs as the rule of it that was seen in most. */
	if (from->flags > e->flags)
		e->flags = from->flags;
	return 0;
}

#define SECRET 1u /* flags of a directory's entry, below */

/* How many rules are for names in each directory: times of its entry. */
static int count(const struct bag *rules, struct bag *out)
{
	char directory[PATH_MAX];

	for (uint32_t i = 0; i < rules->count; i++)
		if (directory_of(&rules->at[i], directory) &&
		    !bag_put(out, directory, strlen(directory)))
			return -ENOMEM;
	return 0;
}

/* Directories in which a secret was seen that is known by its name: none of them stands for it. */
static void mark_secrets(const struct bag *rules, struct bag *counted)
{
	for (uint32_t i = 0; i < rules->count; i++) {
		const char *path = rules->at[i].key;
		size_t end = find_of_homes(path);

		for (size_t at = 1; at < end; at++) {
			struct bag_entry *e = path[at] == '/' ? bag_find(counted, path, at) : NULL;

			if (e)
				e->flags = SECRET;
		}
	}
}

/* The first directory above a rule that stands for it now; false: it stays as it is. */
static bool is_covered(const struct bag *whole, const struct bag_entry *rule, char out[PATH_MAX])
{
	if (rule->length >= PATH_MAX)
		return false;
	for (size_t i = 1; i < rule->length; i++) {
		if (rule->key[i] != '/' || !bag_find(whole, rule->key, i))
			continue;
		memcpy(out, rule->key, i);
		out[i] = '\0';
		return true;
	}
	return false;
}

/* `rules` is one of the profile's. */
static int collapse(struct bag *rules, const struct profile *p, unsigned least, const char *home)
{
	struct bag counted = { 0 }, whole = { 0 }, out = { 0 };
	char directory[PATH_MAX];
	int err = count(rules, &counted);

	mark_secrets(&p->read, &counted);
	mark_secrets(&p->write, &counted);
	for (uint32_t i = 0; !err && i < counted.count; i++) {
		const struct bag_entry *e = &counted.at[i];

		if (e->times >= least && e->flags != SECRET && !is_guarded(e->key, home) &&
		    !bag_put(&whole, e->key, e->length))
			err = -ENOMEM;
	}
	for (uint32_t i = 0; !err && i < rules->count; i++) {
		const struct bag_entry *e = &rules->at[i];

		if (is_covered(&whole, e, directory))
			err = add(&out, directory, strlen(directory), e);
		else
			err = add(&out, e->key, e->length, e);
	}
	bag_free(&counted);
	bag_free(&whole);
	if (err) {
		bag_free(&out);
		return err;
	}
	bag_free(rules);
	*rules = out;
	return 0;
}

int profile_collapse(struct profile *p, unsigned least, const char *home)
{
	int err = collapse(&p->read, p, least, home);

	return err ? err : collapse(&p->write, p, least, home);
}

/* --- differences ------------------------------------------------------------------------------ */

static bool say_missing(const struct bag *in, const struct bag *from, const char *mark,
			const char *what, FILE *f)
{
	bool some = false;

	for (uint32_t i = 0; i < in->count; i++) {
		if (bag_find(from, in->at[i].key, in->at[i].length))
			continue;
		fprintf(f, "%s %s %s\n", mark, what, in->at[i].key);
		some = true;
	}
	return some;
}

static bool say_limit(uint64_t before, uint64_t after, const char *what, const char *unit, FILE *f)
{
	if (before == after)
		return false;
	fprintf(f, "! %s %llu%s, was %llu%s\n", what, (unsigned long long)after, unit,
		(unsigned long long)before, unit);
	return true;
}

bool profile_diff(struct profile *before, struct profile *after, FILE *f)
{
	struct bag *const old[] = { &before->read, &before->write, &before->allow, &before->bind,
				    &before->calls };
	struct bag *const new[] = { &after->read, &after->write, &after->allow, &after->bind,
				    &after->calls };
	static const char *const what[] = { "read", "write", "allow", "bind", "call" };
	bool some = false;

	for (int i = 0; i < 5; i++) {
		bag_sort(old[i]);
		bag_sort(new[i]);
		some |= say_missing(old[i], new[i], "-", what[i], f);
		some |= say_missing(new[i], old[i], "+", what[i], f);
	}
	if (before->calls_said != after->calls_said) {
		fprintf(f, "! %s\n",
			after->calls_said ? "calls are listed" : "calls are not listed");
		some = true;
	}
	some |= say_limit(before->memory_kib, after->memory_kib, "memory", "K", f);
	some |= say_limit(before->disk_kib, after->disk_kib, "disk", "K", f);
	some |= say_limit(before->processes, after->processes, "processes", "", f);
	some |= say_limit(before->open_files, after->open_files, "open_files", "", f);
	return some;
}
