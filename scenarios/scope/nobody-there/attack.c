// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  gating is switched on although the scope could not be set up; nothing is ever seen, and
 *          nobody is told.
 * Steps:   a gated hook while no task has another namespace.
 * Success: the hook is there, and silent.
 * Source:  an unshare(2) that failed before igloo's gating was switched on.
 */
#include "resident.h"
#include "session.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

#define CALLS 3

static const char *const shapes[] = { "plain", NULL };

/* Nobody is there: the hook is refused, with a reason. */
static void try_alone(struct session *s, unsigned n, const struct pf_hook *hook)
{
	int id = hooks_add(&s->hooks, hook);
	bool told = id == -ESRCH && strstr(s->hooks.reason, "scope");

	if (id > 0)
		session_remove(s, id);
	session_judged(n, told, 1, 1);
}

/* Somebody is, and was before the hook: what it calls from then on is seen. */
static void try_with_resident(struct session *s, unsigned n, const struct pf_hook *hook)
{
	struct resident r = resident_start(&s->kit);
	struct session_of of = { .pid = r.pid };

	of.hook = session_add(s, hook);
	resident_call(&r, CALLS);
	session_looked(n, CALLS, session_count(s, session_is_of, &of));
	session_remove(s, of.hook);
	resident_end(&r);
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
		if (s.kit.honest)
			try_with_resident(&s, n, &hook);
		else
			try_alone(&s, n, &hook);
	}
	hooks_close(&s.hooks);
	return 0;
}
