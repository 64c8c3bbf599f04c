// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a task that ends has no namespaces any more while its files are still being closed: what happens
 *          then happens out of scope.
 * Steps:   a child in a UTS namespace of its own has a socket, and ends with it, by itself or by a kill; a
 *          gated hook looks at sockets that end.
 * Success: the hook has not seen it end.
 * Source:  do_exit(): exit_task_namespaces() comes before exit_task_work(), which closes files.
 */
#include "broken.h"
#include "session.h"

#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const shapes[] = { "exit", "kill", NULL };

static _Noreturn void live(const struct session *s)
{
	int fd = unshare(CLONE_NEWUTS) ? -1 : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		kit_broken("socket");
	if (s->kit.honest && close(fd))
		kit_broken("close");
	if (kit_shape_is(&s->kit, "kill"))
		raise(SIGKILL);
	_exit(0);
}

int main(int argc, char **argv)
{
	struct pf_hook hook = hooks_all(PF_RELEASE);
	struct session_of of = {};
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	hook.flags |= PF_SCOPED | PF_SCOPE_LATER | (s.defended ? PF_SCOPE_KEPT : 0);
	of.hook = session_add(&s, &hook);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		int status;

		of.pid = kit_fork(&s.kit);
		if (of.pid == 0)
			live(&s);
		if (waitpid(of.pid, &status, 0) != of.pid ||
		    (WIFEXITED(status) && WEXITSTATUS(status)))
			kit_broken("child");
		session_looked(n, 1, session_count(&s, session_is_of, &of));
	}
	hooks_close(&s.hooks);
	return 0;
}
