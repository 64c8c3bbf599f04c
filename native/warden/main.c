// SPDX-License-Identifier: Apache-2.0
/* warden: runs a command under a policy, by user notification or by ptrace. See docs/formats.md. */
#include "arch/arch.h"
#include "command.h"
#include "deep/deep.h"
#include "exits.h"
#include "learn/learn.h"
#include "options.h"
#include "policy.h"
#include "profile/calls.h"
#include "profile/confine.h"
#include "probe.h"
#include "run.h"

#include "whole-file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What is copied before it is judged: for exec by the guard, for others in deep/. */
static const struct policy_call *beyond_reach(const struct policy *policy)
{
	int known[16] = { arch.execve, arch.execveat }, n = 2;

	for (const int *deep = deep_numbers(); *deep != -1 && n < 15; deep++)
		known[n++] = *deep;
	known[n] = -1;
	return policy_asks_beyond(policy, known);
}

static int check_reach(const char *path, const struct policy *policy)
{
	const struct policy_call *c = beyond_reach(policy);
	uint32_t line;

	if (!c)
		return 0;
	line = policy->rule[policy->step[c->first].rule].line;
	fprintf(stderr,
		"warden: %s: its rules for call %d (line %u) look behind pointers, which the "
		"warden does not do for that call\n",
		path, c->number, line);
	return -EINVAL;
}

static int load_policy(const char *path, struct policy *policy)
{
	static unsigned char image[POLICY_MAX_BYTES + 1];
	struct policy_error error;
	ssize_t n = whole_file(path, image, sizeof(image));

	if (n < 0) {
		fprintf(stderr, "warden: %s: %s\n", path, strerror((int)-n));
		return -EINVAL;
	}
	if (policy_load(image, (size_t)n, policy, &error)) {
		fprintf(stderr, "warden: %s: at byte %zu: %s\n", path, error.offset, error.what);
		return -EINVAL;
	}
	if (policy->audit != arch.audit) {
		fprintf(stderr, "warden: %s: the policy was compiled for another arch than %s\n",
			path, arch.name);
		return -EINVAL;
	}
	return check_reach(path, policy);
}

static int probe(void)
{
	struct probe result;
	int err;

	probe_run(&result);
	err = probe_send(&result, STDOUT_FILENO);
	if (err)
		fprintf(stderr, "warden: probe: %s\n", strerror(-err));
	return err ? EXIT_OWN_FAILURE : 0;
}

static int run_policy(const struct config *config)
{
	static struct policy policy;
	struct command command;
	struct run_result result;
	struct start how = { command_exec, &command };

	if (load_policy(config->policy_path, &policy))
		return EXIT_WORDS;
	command_init(&command, config->command);
	run(config, &policy, &how, &result);
	return run_exit_status(&result);
}

/* Where files are judged call by call, backend notify has no way to make or remove names for others. */
static int choose_backend(struct config *config, const struct policy *policy)
{
	const struct policy_call *c = beyond_reach(policy);

	if (config->backend == BACKEND_NOTIFY && c) {
		fprintf(stderr,
			"warden: %s: it allows %s, which backend notify cannot hold to files: "
			"trace can\n",
			config->profile_path, call_name(c->number));
		return -EINVAL;
	}
	if (config->backend == BACKEND_AUTO)
		config->backend = BACKEND_TRACE;
	return 0;
}

static int run_confined(struct config *config, const struct profile *profile, struct confinement *c)
{
	struct run_result result;
	struct start how = { confine_exec, c };

	if (!config->command && !profile->program.count) {
		fprintf(stderr, "warden: %s: it names no program: -- COMMAND is needed\n",
			config->profile_path);
		return EXIT_WORDS;
	}
	if (choose_backend(config, &c->policy))
		return EXIT_WORDS;
	config->files = c->ruleset < 0 ? FILES_JUDGED : FILES_LANDLOCK;
	command_init(&c->command, config->command ? config->command : profile->program.at);
	if (!config->max_processes)
		config->max_processes = profile->processes;
	run(config, &c->policy, &how, &result);
	return run_exit_status(&result);
}

static int run_profile(struct config *config)
{
	static struct confinement c;
	struct profile profile;
	int status = profile_load(config->profile_path, &profile);

	if (status)
		return status;
	status = confine_made(config->profile_path, &profile, config->files, &c);
	if (!status)
		status = run_confined(config, &profile, &c);
	confine_release(&c);
	profile_free(&profile);
	return status;
}

int main(int argc, char **argv)
{
	const char *complaint, *word;
	struct config config;

	if (argc > 1 && !strcmp(argv[1], "learn"))
		return learn(argv + 2);
	if (options_parse(argv, &config, &complaint, &word)) {
		fprintf(stderr, "warden: %s: %s\n", word, complaint);
		return EXIT_WORDS;
	}
	if (config.verb == VERB_PROBE)
		return probe();
	return config.profile_path ? run_profile(&config) : run_policy(&config);
}
