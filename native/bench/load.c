// SPDX-License-Identifier: Apache-2.0
/*
 * load WORK N: does the work N times over and reports what that took, in ns; its own start, and its
 * first time, which finds nothing in the caches, are not in it. Works:
 *	exec	makes a process that executes this program, and waits for its end
 *	open	opens and closes this program's file
 *	null	asks for its parent's number
 * Without a work it ends at once.
 *
 * load run N PROGRAM...: the same with a process that executes the program, whose words go nowhere.
 *
 * load silently PROGRAM...: executes it, with what a warden takes for its events going nowhere.
 */
#include "broken.h"
#include "kit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT_MAX 10000000u
#define USAGE	  2
#define EVENTS_FD 3

static const char *self;

static void report(const char *work, unsigned n, uint64_t started_ns)
{
	uint64_t ns = jsonl_now() - started_ns;
	struct jsonl j;

	kit_event(&j, n, "load");
	jsonl_str(&j, "work", work, strlen(work));
	jsonl_int(&j, "ns", (long long)ns);
	kit_send(&j);
}

static void wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			kit_broken("waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		errno = ECHILD;
		kit_broken("the child");
	}
}

static pid_t make_process(void)
{
	pid_t child = fork();

	if (child < 0)
		kit_broken("fork");
	return child;
}

static void work_exec(void)
{
	char *const argv[] = { "load", NULL }, *const env[] = { NULL };
	pid_t child = make_process();

	if (child == 0) {
		execve(self, argv, env);
		kit_broken("execve");
	}
	wait_for(child);
}

static char **program;

static void work_run(void)
{
	pid_t child = make_process();

	if (child == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
			kit_broken("/dev/null");
		execvp(program[0], program);
		kit_broken(program[0]);
	}
	wait_for(child);
}

static void work_open(void)
{
	int fd = open(self, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		kit_broken("open");
	if (close(fd))
		kit_broken("close");
}

/* Not by way of the C library, which may remember. */
static void work_null(void)
{
	(void)syscall(SYS_getppid);
}

static const struct work {
	const char *name;
	void (*once)(void);
} works[] = {
	{ "exec", work_exec },
	{ "open", work_open },
	{ "null", work_null },
	{ "run", work_run },
};

static void repeat(const struct work *work, unsigned n)
{
	uint64_t started_ns;

	work->once();
	started_ns = jsonl_now();
	for (unsigned i = 0; i < n; i++)
		work->once();
	report(work->name, n, started_ns);
}

static _Noreturn void execute_silently(char **argv)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null < 0 || dup2(null, EVENTS_FD) < 0)
		kit_broken("/dev/null");
	execvp(argv[0], argv);
	kit_broken(argv[0]);
}

int main(int argc, char **argv)
{
	unsigned n;

	if (argc < 2)
		return 0;
	if (argc > 2 && !strcmp(argv[1], "silently"))
		execute_silently(argv + 2);
	n = argc < 3 ? 0 : (unsigned)strtoul(argv[2], NULL, 10);
	if (!n || n > COUNT_MAX)
		return USAGE;
	self = argv[0];
	program = argv + 3;
	if (!strcmp(argv[1], "run") && !program[0])
		return USAGE;
	for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++)
		if (!strcmp(argv[1], works[i].name)) {
			repeat(&works[i], n);
			return 0;
		}
	return USAGE;
}
