// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  gating is switched on although the scope could not be set up; nothing is ever seen, and
 *          nobody is told.
 * Steps:   a gated hook while no task has another namespace.
 * Success: the hook is there, and silent.
 * Source:  an unshare(2) that failed before igloo's gating was switched on.
 */
#include "broken.h"
#include "session.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const shapes[] = { "plain", NULL };

/* A child that is in scope until it is ended. */
static pid_t start_resident(void)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe(ready))
		kit_broken("pipe");
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWUTS) || write(ready[1], "", 1) != 1)
			_exit(KIT_BROKEN);
		for (;;)
			pause();
	}
	if (pid < 0 || read(ready[0], &byte, 1) != 1)
		kit_broken("resident");
	close(ready[0]);
	close(ready[1]);
	return pid;
}

int main(int argc, char **argv)
{
	struct pf_hook hook = hooks_all(PF_CALL);
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	hook.number = SYS_getppid;
	hook.flags |= PF_SCOPED;
	if (!s.defended)
		hook.flags |= PF_SCOPE_LATER;
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		pid_t resident = s.kit.honest ? start_resident() : 0;
		int id = hooks_add(&s.hooks, &hook);
		bool told = id == -ESRCH && strstr(s.hooks.reason, "scope");

		if (id > 0)
			session_remove(&s, id);
		if (resident && (kill(resident, SIGKILL) || waitpid(resident, NULL, 0) != resident))
			kit_broken("resident");
		session_judged(n, s.kit.honest ? id > 0 : told, 1, 1);
	}
	hooks_close(&s.hooks);
	return 0;
}
