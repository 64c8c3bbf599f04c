// SPDX-License-Identifier: Apache-2.0
#include "profile.h"

#include "toml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int words_add(struct words *words, const char *word)
{
	char **at = realloc(words->at, (words->count + 2) * sizeof(*at));

	if (!at)
		return -ENOMEM;
	words->at = at;
	at[words->count] = strdup(word);
	if (!at[words->count])
		return -ENOMEM;
	at[++words->count] = NULL;
	return 0;
}

static void words_free(struct words *words)
{
	for (uint32_t i = 0; i < words->count; i++)
		free(words->at[i]);
	free(words->at);
}

static int merge_bag(struct bag *into, const struct bag *other)
{
	for (uint32_t i = 0; i < other->count; i++) {
		const struct bag_entry *from = &other->at[i];
		struct bag_entry *to = bag_find(into, from->key, from->length);

		if (to) {
			to->times += from->times;
			to->flags += from->flags;
			continue;
		}
		to = bag_put(into, from->key, from->length);
		if (!to)
			return -ENOMEM;
		to->times = from->times;
		to->flags = from->flags;
	}
	return 0;
}

/* Where one of them has no limit nobody knows how far what it stands for went. */
static uint64_t higher_limit(uint64_t one, uint64_t other)
{
	if (!one || !other)
		return 0;
	return one > other ? one : other;
}

int profile_merge(struct profile *into, const struct profile *other)
{
	struct bag *const to[] = { &into->read, &into->write, &into->allow, &into->bind,
				   &into->calls };
	const struct bag *const from[] = { &other->read, &other->write, &other->allow, &other->bind,
					   &other->calls };
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(to) / sizeof(to[0]); i++)
		err = merge_bag(to[i], from[i]);
	into->memory_kib = higher_limit(into->memory_kib, other->memory_kib);
	into->disk_kib = higher_limit(into->disk_kib, other->disk_kib);
	into->processes = (uint32_t)higher_limit(into->processes, other->processes);
	into->open_files = (uint32_t)higher_limit(into->open_files, other->open_files);
	into->calls_said = into->calls_said && other->calls_said;
	into->runs += other->runs;
	into->partial = into->partial || other->partial;
	return err;
}

/* What stands behind an entry: of one run how often a call was made, of several in how many it was seen. */
static void write_strings(FILE *f, const struct profile *p, const char *key, struct bag *bag,
			  bool quoted)
{
	bag_sort(bag);
	fprintf(f, bag->count ? "%s = [\n" : "%s = [", key);
	for (uint32_t i = 0; i < bag->count; i++) {
		const struct bag_entry *e = &bag->at[i];

		fputs("  ", f);
		if (quoted)
			toml_string(f, e->key, e->length);
		else
			fwrite(e->key, 1, e->length, f);
		if (p->runs > 1)
			fprintf(f, ", # %u of %u\n", e->flags, p->runs);
		else if (bag == &p->calls)
			fprintf(f, ", # %llu\n", (unsigned long long)e->times);
		else
			fputs(",\n", f);
	}
	fputs("]\n", f);
}

static void write_tightness(FILE *f, const struct tightness *t)
{
	static const char *const kinds[TIGHT_KINDS] = {
		[TIGHT_FILES] = "files",
		[TIGHT_ADDRESSES] = "addresses",
		[TIGHT_CALLS] = "calls",
		[TIGHT_ARGUMENTS] = "arguments",
	};
	uint32_t tried = 0, refused = 0;
	bool first = true;

	for (int i = 0; i < TIGHT_KINDS; i++) {
		tried += t->tried[i];
		refused += t->refused[i];
	}
	if (!t->measured || !tried)
		return;
	fprintf(f,
		"# Tightness: %.1f %%, of %u deeds that are other than those seen it refuses %u (",
		100.0 * refused / tried, tried, refused);
	for (int i = 0; i < TIGHT_KINDS; i++)
		if (t->tried[i]) {
			fprintf(f, "%s%s %u of %u", first ? "" : ", ", kinds[i], t->refused[i],
				t->tried[i]);
			first = false;
		}
	fputs(")\n", f);
	for (uint32_t i = 0; i < t->let.count; i++)
		fprintf(f, "#   it lets through: %s\n", t->let.at[i]);
}

static void write_program(FILE *f, const struct words *words)
{
	fputs("\n[program]\n", f);
	if (!words->count) {
		fputs("# Its words are no UTF-8, or too long, and cannot be said here.\n", f);
		return;
	}
	fputs("exec = ", f);
	toml_string(f, words->at[0], strlen(words->at[0]));
	fputs("\nargs = [", f);
	for (uint32_t i = 1; i < words->count; i++) {
		fputs(i > 1 ? ", " : "", f);
		toml_string(f, words->at[i], strlen(words->at[i]));
	}
	fputs("]\n", f);
}

static void note_words(FILE *f, const char *what, const struct words *words)
{
	for (uint32_t i = 0; i < words->count; i++)
		fprintf(f, "# %s: %s\n", what, words->at[i]);
}

static void write_limits(FILE *f, const struct profile *p)
{
	fputs("\n[limits]\n", f);
	if (p->memory_kib)
		fprintf(f, "memory = \"%lluK\"\n", (unsigned long long)p->memory_kib);
	if (p->processes)
		fprintf(f, "processes = %u\n", p->processes);
	if (p->open_files)
		fprintf(f, "open_files = %u\n", p->open_files);
	if (p->disk_kib)
		fprintf(f, "disk = \"%lluK\"\n", (unsigned long long)p->disk_kib);
}

static void note(FILE *f, uint64_t count, const char *what)
{
	if (count)
		fprintf(f, "# %llu %s\n", (unsigned long long)count, what);
}

void profile_write(struct profile *p, FILE *f)
{
	fputs("# What the program below did, as `warden learn` has seen it.\n", f);
	fprintf(f, "# Runs: %u\n", p->runs);
	if (p->partial)
		fputs("# Partial: it was ended before its own end.\n", f);
	write_tightness(f, &p->tightness);
	note(f, p->unsaid, "paths are no UTF-8 and cannot be said here");
	note(f, p->unproven,
	     "calls were made under words that others could change, or under other names, and are "
	     "left out");
	note(f, p->unnamed, "addresses were of neither TCP nor UDP, and cannot be said here");
	note(f, p->foreign, "calls were of another ABI, and were refused");
	note(f, p->opaque,
	     "calls would have had things done unseen, and were refused (io_uring, mount)");
	write_program(f, &p->program);
	fputs("\n[filesystem]\n", f);
	write_strings(f, p, "read", &p->read, true);
	write_strings(f, p, "write", &p->write, true);
	fputs("\n[network]\n", f);
	note_words(f, "name", &p->names);
	note_words(f, "request", &p->requests);
	write_strings(f, p, "allow", &p->allow, true);
	write_strings(f, p, "allow_bind", &p->bind, false);
	if (p->calls_said) {
		fputs("\n[syscalls]\n", f);
		write_strings(f, p, "allow", &p->calls, true);
	}
	write_limits(f, p);
}

void profile_free(struct profile *p)
{
	bag_free(&p->read);
	bag_free(&p->write);
	bag_free(&p->allow);
	bag_free(&p->bind);
	bag_free(&p->calls);
	words_free(&p->program);
	words_free(&p->tightness.let);
	words_free(&p->names);
	words_free(&p->requests);
	*p = (struct profile){ 0 };
}
