// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a hook that is to look at the scope alone looks at everybody: what runs the lab shows up
 *          among what is run in it.
 * Steps:   calls from inside and from outside the scope, in turn.
 * Success: a record of a call from outside.
 * Source:  loggers that capture every process from boot on.
 */
#include "broken.h"
#include "session.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALLS 4

static const char *const shapes[] = { "plain", NULL };

static void call(void)
{
	for (int i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
}

static int inside(struct session *s, void *context)
{
	(void)s;
	(void)context;
	if (unshare(CLONE_NEWUTS))
		kit_broken("unshare");
	call();
	return 0;
}

static int outside(struct session *s, void *context)
{
	(void)s;
	(void)context;
	call();
	return 0;
}

int main(int argc, char **argv)
{
	struct pf_hook hook = hooks_all(PF_CALL);
	struct session_of of;
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	hook.number = SYS_getppid;
	if (s.defended)
		hook.flags |= PF_SCOPED | PF_SCOPE_LATER;
	of = (struct session_of){ .hook = session_add(&s, &hook) };
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		session_child(&s, inside, NULL);
		if (!s.kit.honest) {
			call();
			session_child(&s, outside, NULL);
		}
		session_looked(n, CALLS, session_count(&s, session_is_of, &of));
	}
	hooks_close(&s.hooks);
	return 0;
}
