// SPDX-License-Identifier: Apache-2.0
#include "backend.h"

#include "probe.h"

const struct backend *backend_choose(enum backend_choice choice)
{
	if (choice == BACKEND_AUTO)
		return probe_notify_works() ? &backend_notify : &backend_trace;
	return choice == BACKEND_NOTIFY ? &backend_notify : &backend_trace;
}
