// SPDX-License-Identifier: Apache-2.0
#include "profile.h"

#include "toml.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

static int put(struct bag *bag, const char *key, size_t length, uint64_t times)
{
	struct bag_entry *e = bag_put(bag, key, length);

	if (!e)
		return -ENOMEM;
	/* Of several that became one, all that was seen of them. */
	e->times += times - 1;
	return 0;
}

static bool was_there(const struct profile *p, const struct cow *cow, const char *path,
		      size_t length)
{
	const struct bag_entry *e = bag_find(&p->seen->files, path, length);

	return cow_had(cow, path) && !(e && e->flags & SEEN_MADE);
}

/* The nearest directory above that was there before the workload came. */
static size_t nearest(const struct profile *p, const struct cow *cow, const char *path,
		      size_t length)
{
	char parent[PATH_MAX];

	do {
		while (length > 1 && path[length - 1] != '/')
			length--;
		while (length > 1 && path[length - 1] == '/')
			length--;
		memcpy(parent, path, length);
		parent[length] = '\0';
	} while (length > 1 && !was_there(p, cow, parent, length));
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

static int put_file(struct profile *p, const struct cow *cow, const struct bag_entry *e)
{
	char path[PATH_MAX];
	size_t length = without_pids(e->key, e->length, path);
	/* Of what is named by a pid nothing is left by now, and nobody has made it. */
	bool renamed = length != e->length || memcmp(path, e->key, length);
	bool made = !renamed && !was_there(p, cow, e->key, e->length);
	int err = 0;

	if (!toml_can(path, length)) {
		p->unsaid++;
		return 0;
	}
	/* What the workload itself has made is in what it may write, and no rule can name it beforehand. */
	if (e->flags & (SEEN_WRITTEN | SEEN_NAMES) && made)
		return put(&p->write, path, nearest(p, cow, path, length), e->times);
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
	bag_sort(out);
	return err;
}

int profile_make(const struct seen *seen, const struct cow *cow, struct profile *out)
{
	int err = 0;

	*out = (struct profile){ .seen = seen };
	for (uint32_t i = 0; !err && i < seen->files.count; i++)
		err = put_file(out, cow, &seen->files.at[i]);
	bag_sort(&out->read);
	bag_sort(&out->write);
	if (!err)
		err = copy(&out->allow, &seen->endpoints);
	if (!err)
		err = copy(&out->bind, &seen->binds);
	if (!err)
		err = copy(&out->calls, &seen->calls);
	return err;
}

static void write_strings(FILE *f, const char *key, const struct bag *bag, bool quoted,
			  bool counted)
{
	if (!bag->count) {
		fprintf(f, "%s = []\n", key);
		return;
	}
	fprintf(f, "%s = [\n", key);
	for (uint32_t i = 0; i < bag->count; i++) {
		const struct bag_entry *e = &bag->at[i];

		fputs("  ", f);
		if (quoted)
			toml_string(f, e->key, e->length);
		else
			fwrite(e->key, 1, e->length, f);
		if (counted)
			fprintf(f, ", # %llu\n", (unsigned long long)e->times);
		else
			fputs(",\n", f);
	}
	fputs("]\n", f);
}

/* Words of any bytes; those that TOML has no form for are not needed to run the profile. */
static void write_program(FILE *f, const char *program, char **words)
{
	const char *comma = "";
	bool can = toml_can(program, strlen(program));

	for (char **word = words; *word; word++)
		can = can && toml_can(*word, strlen(*word));
	fputs("\n[program]\n", f);
	if (!can) {
		fputs("# Its words are no UTF-8 and cannot be said here.\n", f);
		return;
	}
	fputs("exec = ", f);
	toml_string(f, program, strlen(program));
	fputs("\nargs = [", f);
	for (; *words; words++, comma = ", ") {
		fputs(comma, f);
		toml_string(f, *words, strlen(*words));
	}
	fputs("]\n", f);
}

static void note(FILE *f, uint64_t count, const char *what)
{
	if (count)
		fprintf(f, "# %llu %s\n", (unsigned long long)count, what);
}

void profile_write(const struct profile *p, FILE *f)
{
	const struct seen *s = p->seen;

	fputs("# What the program below did, as `warden learn` has seen it.\n", f);
	if (p->partial)
		fputs("# Partial: the command was ended before its own end.\n", f);
	note(f, p->unsaid, "paths are no UTF-8 and cannot be said here");
	note(f, s->unproven, "addresses lay where others could change them, and are left out");
	note(f, s->foreign, "calls were of another ABI, and were refused");
	note(f, s->opaque, "rings for unseen calls (io_uring) were asked for, and refused");
	write_program(f, s->program, p->command + 1);
	fputs("\n[filesystem]\n", f);
	write_strings(f, "read", &p->read, true, false);
	write_strings(f, "write", &p->write, true, false);
	fputs("\n[network]\n", f);
	write_strings(f, "allow", &p->allow, true, false);
	write_strings(f, "allow_bind", &p->bind, false, false);
	fputs("\n[syscalls]\n", f);
	write_strings(f, "allow", &p->calls, true, true);
	fprintf(f, "\n[limits]\nmemory = \"%lluK\"\nprocesses = %u\nopen_files = %u\n",
		(unsigned long long)s->memory_kib, s->processes, s->open_files);
	if (s->disk_bytes)
		fprintf(f, "disk = \"%lluK\"\n", (unsigned long long)(s->disk_bytes + 1023) / 1024);
}

void profile_free(struct profile *p)
{
	bag_free(&p->read);
	bag_free(&p->write);
	bag_free(&p->allow);
	bag_free(&p->bind);
	bag_free(&p->calls);
}
