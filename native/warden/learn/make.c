// SPDX-License-Identifier: Apache-2.0
/* From what was seen to what is allowed. */
#include "make.h"

#include "../profile/toml.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

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

	return cow_had(m->cow, path) && !(e && e->flags & SEEN_MADE);
}

/* The nearest directory above that was there before the workload came. */
static size_t nearest(const struct making *m, const char *path, size_t length)
{
	char parent[PATH_MAX];

	do {
		while (length > 1 && path[length - 1] != '/')
			length--;
		while (length > 1 && path[length - 1] == '/')
			length--;
		memcpy(parent, path, length);
		parent[length] = '\0';
	} while (length > 1 && !was_there(m, parent, length));
	return length;
}

static int put_file(const struct making *m, const struct bag_entry *e)
{
	struct profile *p = m->out;
	char path[PATH_MAX];
	size_t length = e->length, above;
	/* Processes make their files in /proc, and take them along. */
	bool made = strncmp(e->key, "/proc/", 6) && !was_there(m, e->key, e->length);
	int err = 0;

	if (!toml_can(e->key, length) || length >= sizeof(path) - 2) {
		p->unsaid++;
		return 0;
	}
	memcpy(path, e->key, length + 1);
	/* What the workload itself has made is in what it may write, and no rule can name it beforehand. */
	above = made ? nearest(m, path, length) : 0;
	if (made && e->flags & SEEN_EXECUTED) /* what may be written is not yet to be run */
		err = put(&p->read, path, above, e->times);
	if (!err && made && e->flags & (SEEN_WRITTEN | SEEN_NAMES))
		err = put(&p->write, path, above, e->times);
	if (err || made)
		return err;
	if (e->flags & (SEEN_WRITTEN | SEEN_NAMES))
		err = put(&p->write, path, length, e->times);
	if (!err && e->flags & SEEN_READ)
		err = put(&p->read, path, length, e->times);
	if (!err && e->flags & SEEN_LISTED) {
		if (length > 1)
			path[length++] = '/';
		path[length++] = '.';
		err = put(&p->read, path, length, e->times);
	}
	return err;
}

static int copy(struct bag *out, const struct bag *in)
{
	int err = 0;

	for (uint32_t i = 0; !err && i < in->count; i++)
		err = put(out, in->at[i].key, in->at[i].length, in->at[i].times);
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
	err = profile_add_word(out, program);
	for (words++; !err && *words; words++)
		err = profile_add_word(out, *words);
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
				 .memory_kib = with_room(seen->memory_kib),
				 .disk_kib = with_room((seen->disk_bytes + 1023) / 1024),
				 .processes = with_room_for_others(seen->processes),
				 .open_files = seen->open_files,
				 .unproven = seen->unproven,
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
	return err;
}
