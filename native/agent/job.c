// SPDX-License-Identifier: Apache-2.0
#include "job.h"
#include "json.h"
#include "shell.h"

#include <errno.h>
#include <string.h>

struct parse {
	struct json json;
	bool full; /* a list was longer than its array */
};

static void parse_words(struct parse *p, const char **words)
{
	bool first = true;
	size_t count = 0;

	json_open(&p->json, '[');
	while (json_next(&p->json, ']', &first)) {
		const char *word = json_string(&p->json);

		if (count == JOB_WORDS_MAX)
			p->full = true;
		else
			words[count++] = word;
	}
	words[count] = NULL;
}

typedef int (*standing_add)(struct standing *s, const char *name);

static void parse_standing(struct parse *p, struct standing *standing, standing_add add)
{
	bool first = true;

	json_open(&p->json, '[');
	while (json_next(&p->json, ']', &first)) {
		const char *name = json_string(&p->json);
		int err = p->json.bad ? 0 : add(standing, name);

		if (err == -E2BIG)
			p->full = true;
		else if (err)
			p->json.bad = true;
	}
}

/* A name leads below /proc/sys and nowhere else. */
static bool name_is_safe(const char *name)
{
	return name[0] && name[0] != '/' && !strstr(name, "..");
}

static void parse_settings(struct parse *p, struct settings *settings)
{
	bool first = true;

	json_open(&p->json, '{');
	while (json_next(&p->json, '}', &first)) {
		struct setting setting = { .name = json_key(&p->json) };

		setting.value = json_string(&p->json);
		if (!name_is_safe(setting.name))
			p->json.bad = true;
		else if (settings->count == JOB_SETTINGS_MAX)
			p->full = true;
		else
			settings->of[settings->count++] = setting;
	}
}

static void parse_milestones(struct parse *p, struct job *job)
{
	bool first = true;

	json_open(&p->json, '{');
	while (json_next(&p->json, '}', &first)) {
		struct milestone milestone = { .event = json_key(&p->json) };

		parse_settings(p, &milestone.settings);
		if (job->milestone_count == JOB_MILESTONES_MAX)
			p->full = true;
		else
			job->milestones[job->milestone_count++] = milestone;
	}
}

static void parse_hook(struct parse *p, struct job *job, unsigned index)
{
	bool first = true;

	json_open(&p->json, '[');
	while (json_next(&p->json, ']', &first)) {
		struct job_hook hook = { .word = json_string(&p->json), .index = index };

		if (job->hook_count == JOB_HOOKS_MAX)
			p->full = true;
		else
			job->hooks[job->hook_count++] = hook;
	}
}

static void parse_hooks(struct parse *p, struct job *job)
{
	bool first = true;

	json_open(&p->json, '[');
	for (unsigned index = 0; json_next(&p->json, ']', &first); index++)
		parse_hook(p, job, index);
}

static void parse_member(struct parse *p, const char *key, struct job *job, long long *version)
{
	struct json *j = &p->json;

	if (!strcmp(key, "v"))
		*version = json_integer(j);
	else if (!strcmp(key, "lane"))
		job->lane = json_string(j);
	else if (!strcmp(key, "seed"))
		job->seed = json_string(j);
	else if (!strcmp(key, "limitMs"))
		job->limit_ms = json_integer(j);
	else if (!strcmp(key, "shell"))
		job->shell_bytes = json_integer(j);
	else if (!strcmp(key, "truth"))
		job->truth = json_boolean(j);
	else if (!strcmp(key, "root"))
		job->standing.root = json_boolean(j);
	else if (!strcmp(key, "leaks"))
		job->leaks = json_boolean(j);
	else if (!strcmp(key, "sysctl"))
		parse_settings(p, &job->sysctl);
	else if (!strcmp(key, "milestones"))
		parse_milestones(p, job);
	else if (!strcmp(key, "capabilities"))
		parse_standing(p, &job->standing, standing_add_capability);
	else if (!strcmp(key, "blocked"))
		parse_standing(p, &job->standing, standing_add_blocked);
	else if (!strcmp(key, "hooks"))
		parse_hooks(p, job);
	else if (!strcmp(key, "argv"))
		parse_words(p, job->argv);
	else if (!strcmp(key, "env"))
		parse_words(p, job->env);
	else
		j->bad = true;
}

int job_parse(struct job *job, const char *text, size_t n)
{
	struct parse p = { 0 };
	long long version = 0;
	bool first = true;

	memset(job, 0, sizeof(*job));
	json_init(&p.json, text, n, job->arena, sizeof(job->arena));
	json_open(&p.json, '{');
	while (json_next(&p.json, '}', &first))
		parse_member(&p, json_key(&p.json), job, &version);
	if (!json_done(&p.json) || version != 1)
		return -EINVAL;
	if (job->shell_bytes)
		return job->shell_bytes > 0 && job->shell_bytes <= SHELL_BYTES_MAX ? 0 : -EINVAL;
	if (!job->lane || !job->seed || job->limit_ms <= 0 || !job->argv[0])
		return -EINVAL;
	return p.full ? -E2BIG : 0;
}
