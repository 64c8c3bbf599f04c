// SPDX-License-Identifier: Apache-2.0
#include "observer.h"

#include "scripts.h"
#include "small-file.h"
#include "trust.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The program and its loader; libraries come by open. */
static void mapped(struct observer *o, const struct watched *t)
{
	char path[32], line[PATH_MAX + 128], *name;
	struct stat st;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)t->tid);
	f = fopen(path, "re");
	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		char *end = strchr(line, '\n');

		name = strchr(line, '/');
		if (!name || !end)
			continue;
		*end = '\0';
		if (stat(name, &st) == 0 && S_ISREG(st.st_mode))
			observer_put_file(o, t, name, SEEN_READ);
	}
	fclose(f);
}

void image_seen(struct observer *o, struct watched *t)
{
	bool alone = t->settled && t->single && !t->shares;
	char link[32], path[PATH_MAX];
	struct stat st;

	trust_image(t);
	o->seen->ran = true;
	if (!trust_names(&o->tasks, t->tid)) {
		o->seen->unproven++;
		return;
	}
	snprintf(link, sizeof(link), "/proc/%d/exe", (int)t->tid);
	if (small_link(link, path, &st))
		observer_put_file(o, t, path, SEEN_READ | SEEN_EXECUTED);
	mapped(o, t);
	scripts_seen(o, t, alone);
}

/* A line "Name:   123 kB" of a status file (proc_pid_status(5)), or 0. */
static unsigned long value_of(const char *text, const char *name)
{
	const char *line = strstr(text, name);

	return line ? strtoul(line + strlen(name), NULL, 10) : 0;
}

void image_last_seen(struct observer *o, pid_t tid)
{
	char path[32], text[4096];
	unsigned long files, memory;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	if (small_file(path, text, sizeof(text)) < 0)
		return;
	files = value_of(text, "\nFDSize:");
	memory = value_of(text, "\nVmPeak:");
	if (files > o->seen->open_files)
		o->seen->open_files = (uint32_t)files;
	if (memory > o->seen->memory_kib)
		o->seen->memory_kib = memory;
}
