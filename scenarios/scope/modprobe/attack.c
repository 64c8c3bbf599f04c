// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  who is watched has the kernel run a program for it, which is nobody's child and in the
 *          initial namespace.
 * Steps:   a child in scope asks for a socket of a family that no module is there for, and the kernel runs
 *          what kernel.modprobe names.
 * Success: the program's exec is not seen by the gated hook.
 * Source:  call_usermodehelper in igloo's scope.
 */
#include "broken.h"
#include "session.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MODPROBE "/proc/sys/kernel/modprobe"
#define HELPER	 "/bin/witness"
#define FAMILY	 AF_BLUETOOTH /* guests have no such module */

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
	(void)context;
	if (unshare(CLONE_NEWUTS))
		kit_broken("unshare");
	if (s->kit.honest) {
		char good[] = "GOOD";

		kit_exec_witness(&s->kit, good, 0);
	}
	return socket(FAMILY, SOCK_RAW, 0) < 0 ? 0 : KIT_BROKEN;
}

int main(int argc, char **argv)
{
	struct pf_hook hook = hooks_all(PF_EXEC);
	struct session_of of;
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	put(MODPROBE, HELPER);
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
