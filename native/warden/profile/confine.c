// SPDX-License-Identifier: Apache-2.0
#include "confine.h"

#include "compile.h"
#include "landlock.h"

#include "../exits.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static int refuse_landlock(const char *path, const char *why)
{
	fprintf(stderr,
		"warden: %s: Landlock cannot hold a command to this profile: %s\n"
		"  (without --files landlock the warden judges each call)\n",
		path, why);
	return EXIT_REFUSED;
}

/* What is at a rule's path cannot be told. */
static int refuse_path(const char *path, const struct rules *rules, int err)
{
	fprintf(stderr, "warden: %s: %s: %s\n", path, rules->missed, strerror(-err));
	return EXIT_REFUSED;
}

/* *abi is that of the Landlock that will be used; 0: none. 0 or what the process ends with. */
static int choose(const char *path, enum files_mode files, const struct rules *rules, int *abi)
{
	const char *why;
	bool can = landlock_can_say(rules, &why);

	*abi = files == FILES_JUDGED ? 0 : landlock_usable_abi();
	if (files == FILES_LANDLOCK && !*abi)
		return refuse_landlock(path, "this kernel has none, or one before Linux 5.19");
	if (files == FILES_LANDLOCK && !can)
		return refuse_landlock(path, why);
	if (!can)
		*abi = 0;
	return 0;
}

int confine_made(const char *path, const struct profile *profile, enum files_mode files,
		 struct confinement *out)
{
	int status, abi, err;
	char why[256];

	out->profile = profile;
	out->ruleset = -1;
	err = rules_take(profile, &out->rules);
	if (err == -ENOMEM) {
		fprintf(stderr, "warden: %s: %s\n", path, strerror(ENOMEM));
		return EXIT_OWN_FAILURE;
	}
	if (err)
		return refuse_path(path, &out->rules, err);
	status = choose(path, files, &out->rules, &abi);
	if (status)
		return status;
	if (profile_compile(profile, &out->rules, abi, &out->policy, &out->calls, why,
			    sizeof(why))) {
		fprintf(stderr, "warden: %s: %s\n", path, why);
		return EXIT_WORDS;
	}
	if (!abi)
		return 0;
	out->ruleset = landlock_ruleset(&out->rules);
	return out->ruleset < 0 ? refuse_path(path, &out->rules, out->ruleset) : 0;
}

static void limit(int resource, uint64_t most)
{
	struct rlimit now;

	if (!most)
		return;
	if (getrlimit(resource, &now) == 0 && now.rlim_max < most)
		most = now.rlim_max;
	now = (struct rlimit){ most, most };
	if (setrlimit(resource, &now) == 0)
		return;
	dprintf(STDERR_FILENO, "warden: setrlimit: %s\n", strerror(errno));
	_exit(EXIT_REFUSED);
}

/*
 * Behind the gate: until here the command's process had to talk to the warden. The last filter is
 * last, for it lets nothing pass but what the profile lists.
 */
void confine_enter(struct confinement *c)
{
	struct sock_fprog calls = { c->calls.length, c->calls.code };
	int err = c->ruleset < 0 ? 0 : landlock_restrict(c->ruleset);

	if (err) {
		dprintf(STDERR_FILENO, "warden: landlock: %s\n", strerror(-err));
		_exit(EXIT_REFUSED);
	}
	command_ready(&c->command);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &calls) < 0) {
		dprintf(STDERR_FILENO, "warden: seccomp: %s\n", strerror(errno));
		_exit(EXIT_REFUSED);
	}
}

void confine_exec(void *confinement)
{
	struct confinement *c = confinement;

	limit(RLIMIT_AS, c->profile->memory_kib * 1024);
	limit(RLIMIT_NOFILE, c->profile->open_files);
	confine_enter(c);
	command_start(&c->command);
}

void confine_release(struct confinement *c)
{
	if (c->ruleset >= 0)
		close(c->ruleset);
	c->ruleset = -1;
	rules_free(&c->rules);
}
