// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a hook is taken that this kernel cannot have: it says that it has done something, or that
 *          nothing happened, and neither is so. Or one is refused that it could have.
 * Steps:   for each ability and each kind that the module says the kernel has, a hook that wants it is
 *          added, and what it does is looked at; for each that it says it has not, the same hook is tried.
 * Success: the one is refused, or nothing is done; the other is taken, or refused for another reason, or
 *          without one, or something is done.
 * Source:  kernels that do not look again at the number after they have told of a call.
 */
#include "broken.h"
#include "session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define VALUE	123456
#define HOLD_NS 1000

static const char *const shapes[] = { "plain", NULL };

/* What is wanted of a getpgid(2), or of whatever happens. */
enum want { FAIL, SET_ARGUMENT, SET_RESULT, HOLD, YIELD, HELPERS, WANTS };

static const uint64_t needs[WANTS] = {
	[FAIL] = PF_CAN_SKIP,
	[SET_ARGUMENT] = PF_CAN_SET_ARGUMENT,
	[SET_RESULT] = PF_CAN_SET_RESULT,
	[HOLD] = PF_CAN_HOLD_CALLS,
	[YIELD] = PF_CAN_HOLD_CALLS,
	[HELPERS] = PF_CAN_KEEP_HELPERS,
};

static struct pf_hook hook_that(enum want want)
{
	struct pf_hook hook = hooks_all(want == SET_RESULT ? PF_RETURN
					: want == HELPERS  ? PF_EXEC
							   : PF_CALL);

	strcpy(hook.comm, "unable");
	if (want == HELPERS) {
		hook.flags |= PF_SCOPED | PF_SCOPE_KEPT | PF_SCOPE_LATER | PF_SCOPE_HELPERS;
		return hook;
	}
	hook.number = SYS_getpgid;
	hook.parameters[0] = (struct pf_parameter){ 0, 4, PF_PARAMETER_SIGNED, 0 };
	switch (want) {
	case FAIL:
		hook.deed = PF_DO_FAIL;
		hook.value = EXDEV;
		break;
	case SET_ARGUMENT:
		hook.deed = PF_DO_SET_ARGUMENT;
		hook.value = -1; /* nobody's */
		break;
	case SET_RESULT:
		hook.deed = PF_DO_SET_RESULT;
		hook.value = VALUE;
		break;
	case HOLD:
		hook.deed = PF_DO_HOLD;
		hook.value = HOLD_NS;
		break;
	default:
		hook.deed = PF_DO_YIELD;
		break;
	}
	return hook;
}

/* Whether the call did what it does of itself, or what it does with that done. */
static bool is_done(enum want want, bool able, pid_t group)
{
	long got;

	if (want == HELPERS)
		return true; /* scope/modprobe is about that */
	errno = 0;
	got = syscall(SYS_getpgid, 0);
	if (able && want == FAIL)
		return got == -1 && errno == EXDEV;
	if (able && want == SET_ARGUMENT)
		return got == -1 && errno == ESRCH;
	if (able && want == SET_RESULT)
		return got == VALUE;
	return got == group;
}

/* It is refused as what cannot be had, and the reason is about the part of the hook that `part` says. */
static bool is_refused(struct session *s, const struct pf_hook *hook, const char *part)
{
	int id = hooks_add(&s->hooks, hook);

	if (id > 0)
		session_remove(s, id);
	return id == -EOPNOTSUPP && !strncmp(s->hooks.reason, part, strlen(part));
}

static bool try_want(struct session *s, enum want want, pid_t group)
{
	struct pf_hook hook = hook_that(want);
	bool able = s->hooks.info.abilities & needs[want], right;
	struct pf_counts counts;
	int id;

	if (!s->defended) {
		hook.deed = PF_DO_NOTHING;
		hook.value = 0;
		hook.flags = PF_RECORD;
	}
	if (!able)
		return is_refused(s, &hook, want == HELPERS ? "flags:" : "deed:") &&
		       is_done(want, false, group);
	id = hooks_add(&s->hooks, &hook);
	if (id < 0)
		return false;
	right = is_done(want, true, group);
	counts = session_counts(s, id);
	session_remove(s, id);
	return right && counts.done == (want != HELPERS) && !counts.failed;
}

static bool try_kind(struct session *s, enum pf_kind kind)
{
	struct pf_hook hook = hooks_all(s->defended ? kind : PF_CALL);
	int id;

	strcpy(hook.comm, "nobody");
	if (!(s->hooks.info.kinds >> kind & 1))
		return is_refused(s, &hook, "kind:");
	id = hooks_add(&s->hooks, &hook);
	if (id < 0)
		return false;
	session_remove(s, id);
	return true;
}

static bool is_anybody(const struct pf_record *record, const void *context)
{
	(void)record, (void)context;
	return true;
}

int main(int argc, char **argv)
{
	pid_t group = getpgid(0);
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		unsigned wanted = 0, right = 0;

		for (enum want want = 0; want < WANTS && !s.kit.honest; want++, wanted++)
			right += try_want(&s, want, group);
		/* Honest work has those that every kernel has. */
		for (enum pf_kind kind = PF_CALL; kind < (s.kit.honest ? PF_OPEN : PF_KINDS);
		     kind++, wanted++)
			right += try_kind(&s, kind);
		session_count(&s, is_anybody, NULL);
		session_looked(n, wanted, right);
	}
	hooks_close(&s.hooks);
	return 0;
}
