// SPDX-License-Identifier: Apache-2.0
#include "helper.h"
#include "broken.h"

#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CROWD 100

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

/* On one CPU nobody runs what they ask for while one of them has yet to ask. */
static void ask_at_once(struct session *s, void *context)
{
	int status;

	kit_be_urgent(true);
	for (unsigned i = 0; i < CROWD; i++)
		if (kit_fork(&s->kit) == 0)
			_exit(live_in_scope(s, context));
	for (unsigned i = 0; i < CROWD; i++)
		if (wait(&status) < 0 || (WIFEXITED(status) && WEXITSTATUS(status)))
			kit_broken("child");
	kit_be_urgent(false);
}

static void try(struct session *s, unsigned n, struct pf_hook hook, int (**ask)(void))
{
	bool many = kit_shape_is(&s->kit, "many"), both = kit_shape_is(&s->kit, "both");
	struct session_of helpers = {}, others = { .hook = -1 };
	unsigned wanted = many ? CROWD : 1, seen, seen_others;

	helpers.hook = session_add(s, &hook);
	hook.flags &= ~(unsigned)PF_SCOPE_HELPERS;
	if (both)
		others.hook = session_add(s, &hook);
	if (many)
		ask_at_once(s, ask);
	else
		session_child(s, live_in_scope, ask);
	seen = session_count_both(s, &helpers, &others, &seen_others);
	session_judged(n, seen == wanted && seen_others == (both && s->kit.honest), wanted, seen);
	session_remove(s, helpers.hook);
	if (both)
		session_remove(s, others.hook);
}

/* For `calls` the last call of the program, else its exec. */
static struct pf_hook hook_on_helper(const struct kit *kit)
{
	bool calls = kit_shape_is(kit, "calls");
	struct pf_hook hook = hooks_all(calls ? PF_CALL : PF_EXEC);

	if (calls)
		hook.number = SYS_exit_group;
	return hook;
}

int helper_main(int argc, char **argv, const char *path, const char *text, int (*ask)(void))
{
	static const char *const shapes[] = { "plain", "many", "both", "calls", NULL };
	struct pf_hook hook;
	struct session s;

	session_begin(&s, argc, argv, shapes, 4 * PF_RING_LEAST);
	hook = hook_on_helper(&s.kit);
	kit_write(path, text);
	hook.flags |= PF_SCOPED | PF_SCOPE_LATER;
	if (s.defended)
		hook.flags |= PF_SCOPE_KEPT | PF_SCOPE_HELPERS;
	for (unsigned n = 1; n <= s.kit.trials; n++)
		try(&s, n, hook, &ask);
	hooks_close(&s.hooks);
	return 0;
}
