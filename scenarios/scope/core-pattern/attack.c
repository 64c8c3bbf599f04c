// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  who is watched has the kernel run a program for it, which is nobody's child and in the
 *          initial namespace.
 * Steps:   core_pattern is a pipe to a program; a child in scope dumps core.
 * Success: the program's exec is not seen by the gated hook.
 * Source:  call_usermodehelper in igloo's scope.
 */
#include "broken.h"
#include "session.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define PATTERN "/proc/sys/kernel/core_pattern"
#define HELPER	"|/bin/witness GOOD 0"

static const char *const shapes[] = { "plain", NULL };

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		kit_broken(path);
	close(fd);
}

/* An ordinary program of this name is an ordinary exec, and outside it is not to be seen. */
static int work(struct session *s, void *context)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

	(void)context;
	if (unshare(CLONE_NEWUTS) || setrlimit(RLIMIT_CORE, &all))
		kit_broken("unshare");
	if (s->kit.honest) {
		char good[] = "GOOD";

		kit_exec_witness(&s->kit, good, 0);
	}
	raise(SIGABRT);
	return KIT_BROKEN;
}

int main(int argc, char **argv)
{
	struct pf_hook hook = hooks_all(PF_EXEC);
	struct session_of of;
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	put(PATTERN, HELPER);
	hook.flags |= PF_SCOPED | PF_SCOPE_LATER;
	if (s.defended)
		hook.flags |= PF_SCOPE_KEPT | PF_SCOPE_HELPERS;
	of = (struct session_of){ .hook = session_add(&s, &hook) };
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		session_child(&s, work, NULL);
		session_looked(n, 1, session_count(&s, session_is_of, &of));
	}
	hooks_close(&s.hooks);
	return 0;
}
