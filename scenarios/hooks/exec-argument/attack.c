// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a register that a hook wrote is put back at the call's end, but after an exec it is another
 *          program's: libc takes what it finds there for a function to call at exit.
 * Steps:   an exec whose path, argv or envp a hook exchanges for another; the new program looks at what it
 *          got, and ends by exit(3).
 * Success: it got the first one, or did not come to its end.
 * Source:  restoring registers at the wrong time.
 */
#include "broken.h"
#include "session.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SELF "/proc/self/exe"

static const char *const shapes[] = { "path", "argv", "envp", NULL };

static char good[] = "GOOD", evil[] = "EVIL";
static char good_what[] = "WHAT=GOOD", evil_what[] = "WHAT=EVIL";
/* The name by which it was started stands before them, as attacks are found by it. */
static char *good_argv[] = { NULL, good, NULL }, *evil_argv[] = { NULL, evil, NULL };
static char *good_envp[] = { good_what, NULL }, *evil_envp[] = { evil_what, NULL };

/* The new program: 0 when both are what they should be. */
static int look(char **argv)
{
	const char *what = getenv("WHAT");

	return !what || strcmp(what, good) || strcmp(argv[1], good);
}

static int exec_again(const struct session *s)
{
	const char *path = SELF;
	char **argv = good_argv, **envp = good_envp;

	if (!s->kit.honest && kit_shape_is(&s->kit, "path"))
		path = "/bin/evil"; /* which there is not */
	if (!s->kit.honest && kit_shape_is(&s->kit, "argv"))
		argv = evil_argv;
	if (!s->kit.honest && kit_shape_is(&s->kit, "envp"))
		envp = evil_envp;
	syscall(SYS_execve, path, argv, envp);
	return KIT_EXEC_FAILED;
}

static struct pf_hook exchange(const struct session *s)
{
	const uintptr_t values[] = { (uintptr_t)SELF, (uintptr_t)good_argv, (uintptr_t)good_envp };
	struct pf_hook hook = hooks_all(PF_CALL);
	uint8_t place = 0;

	while (!kit_shape_is(&s->kit, shapes[place]))
		place++;
	hook.number = SYS_execve;
	hook.parameters[0] = (struct pf_parameter){ place, sizeof(long), 0, 0 };
	if (s->defended) {
		hook.deed = PF_DO_SET_ARGUMENT;
		hook.value = (int64_t)values[place];
	}
	return hook;
}

int main(int argc, char **argv)
{
	struct pf_hook hook;
	struct session s;

	if (argc == 2 && (!strcmp(argv[1], good) || !strcmp(argv[1], evil)))
		return look(argv);
	good_argv[0] = evil_argv[0] = argv[0];
	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	hook = exchange(&s);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		struct session_of of = { .hook = session_add(&s, &hook) };
		pid_t pid = kit_fork(&s.kit);
		int status;

		if (pid == 0)
			_exit(exec_again(&s));
		if (waitpid(pid, &status, 0) != pid)
			kit_broken("waitpid");
		of.pid = pid;
		session_judged(n, !status, 1, session_count(&s, session_is_of, &of));
		session_remove(&s, of.hook);
	}
	hooks_close(&s.hooks);
	return 0;
}
