// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a module whose loading fails half way leaves the first half behind: a probe into code that is
 *          gone, a device that nobody answers.
 * Steps:   the module is unloaded, and loaded so that one of its steps fails, from a UTS namespace of its own, which
 *          it opens first of all; then for good.
 * Success: it loads all the same, leaves its device there or that namespace, or does not load or see anything
 *          afterwards.
 * Source:  unwinding that nobody ever ran.
 */
#include "broken.h"
#include "module.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DEVICE	   "/dev/photofinish"
#define CALLS	   5
#define NAMESPACES "8" /* that there may be at a time: user_namespaces(7) */

static const char *const shapes[] = { "scope", "flight", "files", "probes", "device", NULL };

/* Shared with children. */
struct said {
	int err;
	unsigned namespaces;
};

/* As many as there is room for, which are gone with the child. */
static int take_namespaces(struct session *s, void *context)
{
	struct said *said = context;

	(void)s;
	for (said->namespaces = 0; !unshare(CLONE_NEWUTS); said->namespaces++)
		if (open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC) < 0)
			kit_broken("/proc/self/ns/uts");
	if (errno != ENOSPC)
		kit_broken("unshare");
	return 0;
}

static int load_elsewhere(struct session *s, void *context)
{
	struct said *said = context;
	char parameters[32] = "fail_step=";

	if (unshare(CLONE_NEWUTS))
		kit_broken("unshare");
	said->err = module_load(strcat(parameters, s->kit.shape));
	return 0;
}

/* Whether it fails, and leaves nothing. */
static bool fails_to_load(struct session *s, struct said *said)
{
	unsigned before;

	session_child(s, take_namespaces, said);
	before = said->namespaces;
	session_child(s, load_elsewhere, said);
	session_child(s, take_namespaces, said);
	return said->err == -ECANCELED && access(DEVICE, F_OK) && before > 0 &&
	       said->namespaces == before;
}

/* Under `off`, and in the honest lane, no step fails. */
static bool leaves_nothing(struct session *s, struct said *said)
{
	bool fails = s->defended && !s->kit.honest, right = s->kit.honest;

	if (module_unload())
		kit_broken("unload");
	if (fails)
		right = fails_to_load(s, said);
	return !module_load("") && right;
}

int main(int argc, char **argv)
{
	struct said *said = kit_shared(sizeof(*said));
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	kit_write("/proc/sys/user/max_uts_namespaces", NAMESPACES);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		unsigned seen;
		bool right;

		hooks_close(&s.hooks);
		right = leaves_nothing(&s, said);
		session_reopen(&s, PF_RING_LEAST);
		seen = session_sees(&s, SYS_getppid, CALLS);
		session_judged(n, right && seen == CALLS, CALLS, seen);
	}
	hooks_close(&s.hooks);
	return 0;
}
