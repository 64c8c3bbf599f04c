// SPDX-License-Identifier: Apache-2.0
#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* As shells have it. */
#define EXIT_NOT_FOUND 127
#define EXIT_CANNOT    126

void command_init(struct command *c, char **argv)
{
	const char *path = getenv("PATH"), *at, *end;

	c->argv = argv;
	sigprocmask(SIG_SETMASK, NULL, &c->mask);
	/* Who ignores it hears of no stop, and of no end of those who are not traced. */
	c->ignores_children = signal(SIGCHLD, SIG_DFL) == SIG_IGN;
	snprintf(c->path, sizeof(c->path), "%s", argv[0]);
	if (strchr(argv[0], '/') || !path)
		return;
	for (at = path; *at; at = *end ? end + 1 : end) {
		char candidate[PATH_MAX];
		int n;

		end = strchrnul(at, ':');
		n = snprintf(candidate, sizeof(candidate), "%.*s/%s", (int)(end - at), at, argv[0]);
		if (end > at && n < PATH_MAX && access(candidate, X_OK) == 0) {
			memcpy(c->path, candidate, (size_t)n + 1);
			return;
		}
	}
}

void command_ready(const struct command *c)
{
	sigprocmask(SIG_SETMASK, &c->mask, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (c->ignores_children)
		signal(SIGCHLD, SIG_IGN);
}

void command_start(const struct command *c)
{
	int error;

	execv(c->path, c->argv);
	error = errno;
	dprintf(STDERR_FILENO, "warden: %s: %s\n", c->path, strerror(error));
	_exit(error == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT);
}

void command_exec(void *command)
{
	command_ready(command);
	command_start(command);
}

unsigned command_raise_files(void)
{
	struct rlimit limit, all;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 0;
	all = (struct rlimit){ limit.rlim_max, limit.rlim_max };
	/* Without it the index is just smaller. */
	if (limit.rlim_cur < limit.rlim_max && setrlimit(RLIMIT_NOFILE, &all) == 0)
		limit = all;
	return limit.rlim_cur < INT_MAX ? (unsigned)limit.rlim_cur : INT_MAX;
}
