// SPDX-License-Identifier: Apache-2.0
/* From what was seen to what is allowed. */
#include "make.h"

#include "../profile/toml.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

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

/* /proc/PID and /proc/PID/task/TID are another number next time; whoever looked at its own means its own. */
static size_t without_pids(const char *path, size_t length, char out[PATH_MAX])
{
	size_t n = 0, i = 0;

	while (i < length && n < PATH_MAX - 8) {
		bool of_proc = (i == 6 && !strncmp(path, "/proc/", 6)) ||
			       (n >= 6 && !strncmp(out + n - 6, "/task/", 6));
		size_t digits = 0;

		while (of_proc && isdigit((unsigned char)path[i + digits]))
			digits++;
		if (digits && (path[i + digits] == '/' || !path[i + digits])) {
			memcpy(out + n, i == 6 ? "self" : "*", i == 6 ? 4 : 1);
			n += i == 6 ? 4 : 1;
			i += digits;
		} else {
			out[n++] = path[i++];
		}
	}
	out[n] = '\0';
	return n;
}

static int put_file(const struct making *m, const struct bag_entry *e)
{
	struct profile *p = m->out;
	char path[PATH_MAX];
	size_t length = without_pids(e->key, e->length, path);
	/* Of what is named by a pid nothing is left by now, and nobody has made it. */
	bool renamed = length != e->length || memcmp(path, e->key, length);
	bool made = !renamed && !was_there(m, e->key, e->length);
	int err = 0;

	if (!toml_can(path, length)) {
		p->unsaid++;
		return 0;
	}
	/* What the workload itself has made is in what it may write, and no rule can name it beforehand. */
	if (e->flags & (SEEN_WRITTEN | SEEN_NAMES) && made)
		return put(&p->write, path, nearest(m, path, length), e->times);
	if (e->flags & (SEEN_WRITTEN | SEEN_NAMES))
		err = put(&p->write, path, length, e->times);
	if (!err && e->flags & SEEN_READ && !made)
		err = put(&p->read, path, length, e->times);
	if (!err && e->flags & SEEN_LISTED && !made && length < PATH_MAX - 2) {
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
static int put_program(const struct seen *seen, char **words, struct profile *out)
{
	int err;

	if (!toml_can(seen->program, strlen(seen->program)) || !can_all(words))
		return 0;
	err = profile_add_word(out, seen->program);
	for (words++; !err && *words; words++)
		err = profile_add_word(out, *words);
	return err;
}

/*
 * What the kernel's counters of resident pages may hold back: a batch on each CPU, for pages of
 * files, anonymous and shared ones (percpu_counter_batch in lib/percpu_counter.c, from Linux 6.2;
 * before that a thread held back 64 pages).
 */
static uint64_t uncounted_kib(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF), page = sysconf(_SC_PAGESIZE);
	uint64_t batch = cpus > 16 ? 2 * (uint64_t)cpus : 32;

	return cpus > 0 && page > 0 ? 3 * batch * (uint64_t)cpus * (uint64_t)page / 1024 : 0;
}

int profile_make(const struct seen *seen, const struct cow *cow, char **words, struct profile *out)
{
	const struct making making = { seen, cow, out };
	int err;

	*out = (struct profile){ .runs = 1,
				 .memory_kib = seen->memory_kib + uncounted_kib(),
				 .disk_kib = (seen->disk_bytes + 1023) / 1024,
				 .processes = seen->processes,
				 .open_files = seen->open_files,
				 .unproven = seen->unproven,
				 .foreign = seen->foreign,
				 .opaque = seen->opaque };
	err = put_program(seen, words, out);
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
