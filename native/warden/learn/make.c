// SPDX-License-Identifier: Apache-2.0
/* From what was seen to what is allowed. */
#include "make.h"

#include "../profile/toml.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

struct making {
	const struct seen *seen;
	const struct cow *cow;
	struct profile *out;
};

static int put(struct bag *bag, const char *key, size_t length, uint64_t times)
{
	struct bag_entry *e = bag_put(bag, key, length);

	if (!e)
		return -ENOMEM;
	/* Of several that became one, all that was seen of them. */
	e->times += times - 1;
	e->flags = 1;
	return 0;
}

static bool was_there(const struct making *m, const char *path, size_t length)
{
	const struct bag_entry *e = bag_find(&m->seen->files, path, length);

	/* What was removed first and made then was there all the same. */
	if (e && e->flags & (SEEN_REMOVED | SEEN_MOVED))
		return true;
	return cow_had(m->cow, path) && !(e && e->flags & SEEN_MADE);
}

static size_t length_of_parent(const char *path, size_t length)
{
	while (length > 1 && path[length - 1] != '/')
		length--;
	while (length > 1 && path[length - 1] == '/')
		length--;
	return length;
}

/* The nearest directory above that was there before the workload came. */
static size_t nearest(const struct making *m, const char *path, size_t length)
{
	char parent[PATH_MAX];

	do {
		length = length_of_parent(path, length);
		memcpy(parent, path, length);
		parent[length] = '\0';
	} while (length > 1 && !was_there(m, parent, length));
	return length;
}

/* Of a directory: what is in it itself. */
static int put_within(struct bag *bag, const char *path, size_t length, uint64_t times)
{
	char within[PATH_MAX];

	memcpy(within, path, length);
	if (length > 1)
		within[length++] = '/';
	within[length++] = '.';
	within[length] = '\0';
	return put(bag, within, length, times);
}

/* Whether not the name alone is the command's: a link may have led to anybody's file. */
static bool is_own(const struct making *m, const struct bag_entry *e, const struct stat *st)
{
	const struct seen_file file = seen_file(st);

	return e->flags & SEEN_MADE && !bag_find(&m->seen->linked, &file, sizeof(file));
}

/*
 * It is in what may be made; and if it stays, it is there at the next run, where it would be
 * somebody else's without a rule of its own.
 */
static int put_made(const struct making *m, const struct bag_entry *e)
{
	struct profile *p = m->out;
	struct stat st;
	bool stays = lstat(e->key, &st) == 0;
	size_t parent;
	int err = 0;

	if (e->flags & (SEEN_WRITTEN | SEEN_NAMES | SEEN_MADE))
		err = put_within(&p->write, e->key, nearest(m, e->key, e->length), e->times);
	if (!err && stays && !S_ISDIR(st.st_mode) && (e->flags & SEEN_WRITTEN || is_own(m, e, &st)))
		err = put(&p->write, e->key, e->length, e->times);
	if (!err && stays && (parent = length_of_parent(e->key, e->length)) > 1)
		err = put_within(&p->write, e->key, parent, e->times);
	if (!err && stays && S_ISDIR(st.st_mode) && e->flags & SEEN_NAMES)
		err = put_within(&p->write, e->key, e->length, e->times);
	/* What may be written is not yet to be run. */
	if (!err && (e->flags & SEEN_EXECUTED || (stays && e->flags & SEEN_READ)))
		err = put(&p->read, e->key, e->length, e->times);
	return err;
}

static int put_changed(const struct making *m, const struct bag_entry *e)
{
	struct bag *write = &m->out->write;
	bool whole = e->flags & SEEN_MOVED && e->flags & SEEN_DIRECTORY;
	int err = 0;

	/* Under its new name it may be read and written, and so may all that is in it. */
	if (e->flags & SEEN_WRITTEN || whole ||
	    (e->flags & (SEEN_REMOVED | SEEN_MOVED) && !(e->flags & SEEN_DIRECTORY)))
		err = put(write, e->key, e->length, e->times);
	if (!err && e->flags & SEEN_MOVED && !whole)
		err = put(&m->out->read, e->key, e->length, e->times);
	if (!err && !whole &&
	    (e->flags & SEEN_NAMES || (e->flags & SEEN_REMOVED && e->flags & SEEN_DIRECTORY)))
		err = put_within(write, e->key, e->length, e->times);
	return err;
}

static int put_file(const struct making *m, const struct bag_entry *e)
{
	struct profile *p = m->out;
	int err;

	if (!toml_can(e->key, e->length) || e->length >= PATH_MAX - 2) {
		p->unsaid++;
		return 0;
	}
	/* Processes make their files in /proc, and take them along. */
	if (strncmp(e->key, "/proc/", 6) && !was_there(m, e->key, e->length))
		return put_made(m, e);
	err = put_changed(m, e);
	if (!err && e->flags & SEEN_READ)
		err = put(&p->read, e->key, e->length, e->times);
	if (!err && e->flags & SEEN_LISTED)
		err = put_within(&p->read, e->key, e->length, e->times);
	return err;
}

static int copy(struct bag *out, const struct bag *in)
{
	int err = 0;

	for (uint32_t i = 0; !err && i < in->count; i++)
		err = put(out, in->at[i].key, in->at[i].length, in->at[i].times);
	return err;
}

static int copy_words(struct words *out, const struct bag *in)
{
	int err = 0;

	for (uint32_t i = 0; !err && i < in->count; i++)
		err = words_add(out, in->at[i].key);
	return err;
}

static bool can_all(char **words)
{
	while (*words && toml_can(*words, strlen(*words)))
		words++;
	return !*words;
}

/* Words that TOML has no form for are not said: they are not needed to hold somebody to the rest. */
static int put_program(const char *program, char **words, struct profile *out)
{
	int err;

	if (!toml_can(program, strlen(program)) || !can_all(words))
		return 0;
	err = words_add(&out->program, program);
	for (words++; !err && *words; words++)
		err = words_add(&out->program, *words);
	return err;
}

/* The next run may need a little more: other places in memory, other numbers in what it writes. */
static uint64_t with_room(uint64_t seen)
{
	return seen ? seen + seen / 4 : 0;
}

/* Of those who come and go more may meet than did this time; who was alone stays so. */
static uint32_t with_room_for_others(uint32_t processes)
{
	return processes > 1 ? 2 * processes : processes;
}

int profile_make(const struct seen *seen, const struct cow *cow, const char *program, char **words,
		 struct profile *out)
{
	const struct making making = { seen, cow, out };
	int err;

	*out = (struct profile){ .runs = 1,
				 .calls_said = true,
				 .memory_kib = with_room(seen->memory_kib),
				 .disk_kib = with_room((seen->disk_bytes + 1023) / 1024),
				 .processes = with_room_for_others(seen->processes),
				 .open_files = seen->open_files,
				 .unproven = seen->unproven,
				 .unnamed = seen->unnamed,
				 .foreign = seen->foreign,
				 .opaque = seen->opaque };
	err = put_program(program, words, out);
	for (uint32_t i = 0; !err && i < seen->files.count; i++)
		err = put_file(&making, &seen->files.at[i]);
	if (!err)
		err = copy(&out->allow, &seen->endpoints);
	if (!err)
		err = copy(&out->bind, &seen->binds);
	if (!err)
		err = copy(&out->calls, &seen->calls);
	if (!err)
		err = copy_words(&out->names, &seen->names);
	if (!err)
		err = copy_words(&out->requests, &seen->requests);
	return err;
}
