// SPDX-License-Identifier: Apache-2.0
#include "helper.h"
#include "broken.h"

#include <sched.h>

static int live_in_scope(struct session *s, void *context)
{
	int (*const *ask)(void) = context;
	char good[] = "GOOD";

	if (unshare(CLONE_NEWUTS))
		kit_broken("unshare");
	if (s->kit.honest)
		kit_exec_witness(&s->kit, good, 0);
	return (*ask)();
}

int helper_main(int argc, char **argv, const char *path, const char *text, int (*ask)(void))
{
	static const char *const shapes[] = { "plain", NULL };
	struct pf_hook hook = hooks_all(PF_EXEC);
	struct session_of of = {};
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	kit_write(path, text);
	hook.flags |= PF_SCOPED | PF_SCOPE_LATER;
	if (s.defended)
		hook.flags |= PF_SCOPE_KEPT | PF_SCOPE_HELPERS;
	of.hook = session_add(&s, &hook);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		session_child(&s, live_in_scope, &ask);
		session_looked(n, 1, session_count(&s, session_is_of, &of));
	}
	hooks_close(&s.hooks);
	return 0;
}
