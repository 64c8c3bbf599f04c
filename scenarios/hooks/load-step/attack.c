// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a module whose loading fails half way leaves the first half behind: a probe into code that is
 *          gone, a device that nobody answers.
 * Steps:   the module is unloaded, and loaded so that one of its steps fails; then for good.
 * Success: it loads all the same, leaves its device there, or does not load or see anything afterwards.
 * Source:  unwinding that nobody ever ran.
 */
#include "broken.h"
#include "module.h"
#include "session.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DEVICE "/dev/photofinish"
#define CALLS  5

static const char *const shapes[] = { "scope", "flight", "files", "probes", "device", NULL };

/* Under `off`, and in the honest lane, no step fails. */
static bool leaves_nothing(const struct session *s)
{
	char parameters[32] = "";
	bool fails = s->defended && !s->kit.honest;
	int err;

	if (fails) {
		strcpy(parameters, "fail_step=");
		strcat(parameters, s->kit.shape);
	}
	if (module_unload())
		kit_broken("unload");
	err = module_load(parameters);
	if (s->kit.honest)
		return !err;
	if (err == -ECANCELED && access(DEVICE, F_OK) && !module_load(""))
		return true;
	return false;
}

int main(int argc, char **argv)
{
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		unsigned seen;
		bool right;

		hooks_close(&s.hooks);
		right = leaves_nothing(&s);
		session_reopen(&s, PF_RING_LEAST);
		seen = session_sees(&s, SYS_getppid, CALLS);
		session_judged(n, right && seen == CALLS, CALLS, seen);
	}
	hooks_close(&s.hooks);
	return 0;
}
