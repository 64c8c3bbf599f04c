// SPDX-License-Identifier: Apache-2.0
#include "backend.h"

#include "probe.h"
#include "warden.h"

const struct backend *backend_choose(enum backend_choice choice)
{
	if (choice == BACKEND_AUTO)
		return probe_notify_works() ? &backend_notify : &backend_trace;
	return choice == BACKEND_NOTIFY ? &backend_notify : &backend_trace;
}

void give_up(struct warden *w, const struct held *call, pid_t tgid, int error, const char *reason)
{
	bool allow = w->config->allow_unjudged;

	events_unjudged(&w->events, tgid, allow, reason);
	if (allow)
		(void)w->backend->let(w, call); /* fails only if the task is gone */
	else
		(void)w->backend->refuse(w, call, error);
}
