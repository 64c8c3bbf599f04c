// SPDX-License-Identifier: Apache-2.0
#include "descriptors.h"

#include "trust.h"

#include <sys/syscall.h>

/* The numbers that a call gives up or replaces, first and last; false: none. */
static bool numbers_of(const struct watched *t, uint32_t *first, uint32_t *last)
{
	switch (t->number) {
#ifdef SYS_dup2
	case SYS_dup2:
#endif
	case SYS_dup3:
		*first = *last = (uint32_t)t->args[1];
		return true;
	case SYS_close:
		*first = *last = (uint32_t)t->args[0];
		return true;
#ifdef SYS_close_range
	case SYS_close_range:
		*first = (uint32_t)t->args[0];
		*last = (uint32_t)t->args[1];
		return true;
#endif
	default:
		return false;
	}
}

static bool is_in(const struct closing *c, uint32_t fd)
{
	return c->some && fd >= c->first && fd <= c->last;
}

static bool share(const struct watched *one, const struct watched *other)
{
	return one != other && (one->tgid == other->tgid || !one->settled || !other->settled ||
				(one->shares && other->shares));
}

void descriptors_notice(const struct watched_tasks *tasks, struct watched *t)
{
	struct closing *c = &t->closing;

	/* Who has them alone is in no other call meanwhile. */
	c->some = numbers_of(t, &c->first, &c->last) && !trust_alone(tasks, t);
	for (unsigned i = 0; c->some && i < tasks->count; i++) {
		struct watched *other = &tasks->at[i];

		if (other->form && other->form->fd != NO_ARG && share(t, other) &&
		    is_in(c, (uint32_t)other->args[(int)other->form->fd]))
			other->replaced = true;
	}
}

bool descriptors_steady(const struct watched_tasks *tasks, const struct watched *t, long fd)
{
	if (tasks->planted)
		return false;
	for (unsigned i = 0; i < tasks->count; i++)
		if (share(t, &tasks->at[i]) && is_in(&tasks->at[i].closing, (uint32_t)fd))
			return false;
	return true;
}
