// SPDX-License-Identifier: Apache-2.0
/* A profile's file, checked as a whole before anything is done with it. */
#include "profile.h"

#include "calls.h"
#include "endpoint.h"
#include "toml-read.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct reading {
	struct toml_reader toml;
	struct profile *out;
	struct profile_error *error;
	char section[32];
	uint64_t seen; /* a bit for each field that was set */
	/* The last entry, to which a comment on its line belongs. */
	struct bag *bag;
	uint32_t entry;
	unsigned line;
};

__attribute__((format(printf, 3, 4))) static int
wrong(struct reading *r, const struct toml_item *at, const char *format, ...)
{
	va_list args;

	r->error->line = at->line;
	r->error->column = at->column;
	va_start(args, format);
	vsnprintf(r->error->text, sizeof(r->error->text), format, args);
	va_end(args);
	return -EINVAL;
}

/* --- what values have to be ------------------------------------------------------------------- */

static bool is_path(const char *text, const char **why)
{
	const char *part = text + 1;

	*why = "a path begins with / and is written without .., . and //";
	if (text[0] != '/' || strlen(text) >= PATH_MAX)
		return false;
	while (*part) {
		size_t n = strcspn(part, "/");
		bool last = !part[n];

		/* A dot at the end is the list of a directory. */
		if (!n || (n == 2 && !strncmp(part, "..", 2)) || (n == 1 && *part == '.' && !last))
			return false;
		part += n;
		if (*part && !*++part)
			return false;
	}
	return true;
}

static bool is_call(const char *text, const char **why)
{
	char name[64];
	size_t n = strcspn(text, ":");
	char *end;

	*why = "no system call of this arch has that name";
	if (!n || n >= sizeof(name))
		return false;
	memcpy(name, text, n);
	name[n] = '\0';
	if (call_number(name) < 0 && (strtoul(name, &end, 10), *end || *name < '0' || *name > '9'))
		return false;
	*why = "behind a call's name its arguments are written in hex: ioctl:0x5401";
	while (text[n]) {
		if (strncmp(text + n, ":0x", 3))
			return false;
		n += 3;
		if (!strspn(text + n, "0123456789abcdef") ||
		    strspn(text + n, "0123456789abcdef") > 8)
			return false;
		n += strspn(text + n, "0123456789abcdef");
	}
	return true;
}

/* Enough for every machine, and what is written in K can be read again. */
#define KIB_MOST (1ull << 40)

/* Bytes, with K, M or G of 1024: the schema has no other units. */
static bool take_size(const char *text, uint64_t *kib)
{
	static const char units[] = "KMG";
	char *end;
	unsigned long long value = strtoull(text, &end, 10);
	const char *unit = *end ? strchr(units, *end) : NULL;

	if (*text < '0' || *text > '9' || (*end && (!unit || end[1])) || value > KIB_MOST * 1024)
		return false;
	if (!unit)
		value = (value + 1023) / 1024;
	for (; unit && unit > units && value <= KIB_MOST; unit--)
		value *= 1024;
	*kib = value;
	return value > 0 && value <= KIB_MOST;
}

/* --- fields ----------------------------------------------------------------------------------- */

enum field {
	EXEC,
	ARGS,
	READ,
	WRITE,
	ALLOW,
	BIND,
	CALLS,
	MEMORY,
	PROCESSES,
	OPEN_FILES,
	DISK,
	FIELDS
};

static const struct {
	const char *section, *key;
	bool list;
	enum toml_kind kind;
	bool (*check)(const char *text, const char **why);
} fields[FIELDS] = {
	[EXEC] = { "program", "exec", false, TOML_STRING, is_path },
	[ARGS] = { "program", "args", true, TOML_STRING, NULL },
	[READ] = { "filesystem", "read", true, TOML_STRING, is_path },
	[WRITE] = { "filesystem", "write", true, TOML_STRING, is_path },
	[ALLOW] = { "network", "allow", true, TOML_STRING, NULL },
	[BIND] = { "network", "allow_bind", true, TOML_INTEGER, NULL },
	[CALLS] = { "syscalls", "allow", true, TOML_STRING, is_call },
	[MEMORY] = { "limits", "memory", false, TOML_STRING, NULL },
	[PROCESSES] = { "limits", "processes", false, TOML_INTEGER, NULL },
	[OPEN_FILES] = { "limits", "open_files", false, TOML_INTEGER, NULL },
	[DISK] = { "limits", "disk", false, TOML_STRING, NULL },
};

static int put(struct reading *r, const struct toml_item *v, struct bag *bag, const char *key)
{
	struct bag_entry *e = bag_find(bag, key, strlen(key));

	if (e)
		return wrong(r, v, "it stands here twice");
	e = bag_put(bag, key, strlen(key));
	if (!e)
		return wrong(r, v, "the profile is too large");
	e->flags = r->out->runs;
	r->bag = bag;
	r->entry = bag->count - 1;
	r->line = v->line;
	return 0;
}

static int take_count(struct reading *r, const struct toml_item *v, uint32_t *out)
{
	if (v->number < 1 || v->number > INT32_MAX)
		return wrong(r, v, "a number from 1 on is expected");
	*out = (uint32_t)v->number;
	return 0;
}

static int take_word(struct reading *r, const struct toml_item *v)
{
	if (words_add(&r->out->program, v->text))
		return wrong(r, v, "there is no memory for it");
	return 0;
}

static int take_endpoint(struct reading *r, const struct toml_item *v)
{
	char endpoint[ENDPOINT_MAX];

	if (!endpoint_read(v->text, endpoint))
		return wrong(r, v,
			     "an endpoint is tcp:// or udp:// with an address and a port, such as "
			     "tcp://192.0.2.1:443 or udp://[2001:db8::1]:53");
	return put(r, v, &r->out->allow, endpoint);
}

static int take_port(struct reading *r, const struct toml_item *v)
{
	char port[8];

	if (v->number < 0 || v->number > UINT16_MAX)
		return wrong(r, v, "a port is a number from 0 to 65535");
	snprintf(port, sizeof(port), "%d", (int)v->number);
	return put(r, v, &r->out->bind, port);
}

static int take_value(struct reading *r, enum field field, const struct toml_item *v)
{
	struct profile *p = r->out;
	const char *why;

	if (v->kind != fields[field].kind)
		return wrong(r, v, "%s.%s takes %s%s", fields[field].section, fields[field].key,
			     fields[field].list ? "a list of " : "",
			     fields[field].kind == TOML_STRING ? "strings" : "numbers");
	if (v->kind == TOML_STRING && strlen(v->text) != v->length)
		return wrong(r, v, "a zero stands in it");
	if (fields[field].check && !fields[field].check(v->text, &why))
		return wrong(r, v, "%s", why);
	switch (field) {
	case EXEC:
	case ARGS:
		if ((p->program.count == 0) != (field == EXEC))
			return wrong(r, v, "exec comes before args");
		return take_word(r, v);
	case READ:
		return put(r, v, &p->read, v->text);
	case WRITE:
		return put(r, v, &p->write, v->text);
	case ALLOW:
		return take_endpoint(r, v);
	case BIND:
		return take_port(r, v);
	case CALLS:
		return put(r, v, &p->calls, v->text);
	case MEMORY:
		return take_size(v->text, &p->memory_kib)
			       ? 0
			       : wrong(r, v, "a size is a number, with K, M or G behind it");
	case DISK:
		return take_size(v->text, &p->disk_kib)
			       ? 0
			       : wrong(r, v, "a size is a number, with K, M or G behind it");
	case PROCESSES:
		return take_count(r, v, &p->processes);
	case OPEN_FILES:
		return take_count(r, v, &p->open_files);
	case FIELDS:
		break;
	}
	return -EINVAL;
}

/* "# 2 of 3" behind an entry, "# 17" behind a call, "# Runs: 3" on a line of its own. */
static void take_comment(struct reading *r, const struct toml_item *c)
{
	unsigned some, all;
	unsigned long long times;

	if (!r->section[0] && sscanf(c->text, " Runs: %u", &all) == 1 && all > 0 && all <= 1000000)
		r->out->runs = all;
	if (!r->section[0] && !strncmp(c->text, " Partial:", 9))
		r->out->partial = true;
	if (!r->bag || c->line != r->line)
		return;
	if (sscanf(c->text, " %u of %u", &some, &all) == 2 && some > 0 && some <= all &&
	    all == r->out->runs)
		r->bag->at[r->entry].flags = some;
	else if (sscanf(c->text, " %llu", &times) == 1)
		r->bag->at[r->entry].times = times;
}

static int take_list(struct reading *r, enum field field)
{
	for (;;) {
		struct toml_item v = toml_next(&r->toml);
		int err = 0;

		if (v.kind == TOML_ARRAY_END)
			return 0;
		if (v.kind == TOML_COMMENT)
			take_comment(r, &v);
		else if (v.kind == TOML_WRONG)
			return wrong(r, &v, "%s", v.text);
		else
			err = take_value(r, field, &v);
		if (err)
			return err;
	}
}

static int take_field(struct reading *r, const struct toml_item *key)
{
	enum field field = 0;
	struct toml_item v;

	while (field < FIELDS &&
	       (strcmp(fields[field].section, r->section) || strcmp(fields[field].key, key->text)))
		field++;
	if (field == FIELDS)
		return wrong(r, key, "%s%s%.64s is not known", r->section, r->section[0] ? "." : "",
			     key->text);
	if (r->seen & 1ull << field)
		return wrong(r, key, "%s.%s is set twice", r->section, key->text);
	r->seen |= 1ull << field;
	r->out->calls_said = r->out->calls_said || field == CALLS;
	v = toml_next(&r->toml);
	if (v.kind == TOML_WRONG)
		return wrong(r, &v, "%s", v.text);
	if ((v.kind == TOML_ARRAY) != fields[field].list)
		return wrong(r, &v, "%s.%s takes %s", r->section, key->text,
			     fields[field].list ? "a list" : "one value");
	return fields[field].list ? take_list(r, field) : take_value(r, field, &v);
}

static int take_table(struct reading *r, const struct toml_item *table)
{
	bool known = false;

	for (int i = 0; i < FIELDS; i++)
		known = known || !strcmp(fields[i].section, table->text);
	if (!known)
		return wrong(r, table, "there is no section [%.64s] that the warden knows",
			     table->text);
	snprintf(r->section, sizeof(r->section), "%s", table->text);
	return 0;
}

int profile_read(const char *text, size_t size, struct profile *out, struct profile_error *error)
{
	static struct reading r; /* large */
	int err = 0;

	*out = (struct profile){ .runs = 1 };
	*error = (struct profile_error){ 0 };
	r = (struct reading){ .out = out, .error = error };
	toml_read(&r.toml, text, size);
	while (!err) {
		struct toml_item item = toml_next(&r.toml);

		if (item.kind == TOML_END)
			break;
		if (item.kind == TOML_COMMENT)
			take_comment(&r, &item);
		else if (item.kind == TOML_TABLE)
			err = take_table(&r, &item);
		else if (item.kind == TOML_KEY)
			err = take_field(&r, &item);
		else
			err = wrong(&r, &item, "%s", item.text);
	}
	if (err)
		profile_free(out);
	return err;
}
