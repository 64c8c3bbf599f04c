// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a call that a hook is to keep from being made is made all the same, or its caller is not
 *          told so.
 * Steps:   mkdirat(2) of one mode fails by a hook's word; one of another mode does not.
 * Success: the directory is there, the errno is not the hook's, or the hook has counted something else.
 * Source:  intervention by tracepoint, which differs between arches and versions.
 */
#include "broken.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PATH "/tmp/skip"
#define EVIL 0711
#define GOOD 0755

static const char *const shapes[] = { "plain", NULL };

static bool is_there(void)
{
	return access(PATH, F_OK) == 0;
}

int main(int argc, char **argv)
{
	struct sock_filter program[SESSION_EQUALS_LENGTH];
	struct pf_hook hook = hooks_all(PF_CALL);
	struct session s;
	int id;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	hook.number = SYS_mkdirat;
	hook.parameters[2] = (struct pf_parameter){ 2, 2, 0, 0 };
	session_equals(program, offsetof(struct pf_view, args[2]), EVIL);
	session_give(&hook, program, SESSION_EQUALS_LENGTH);
	if (s.defended) {
		hook.deed = PF_DO_FAIL;
		hook.value = EXDEV;
	}
	id = session_add(&s, &hook);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		struct session_of of = { id, getpid() };
		unsigned matched = s.kit.honest ? 0 : n;
		long made = syscall(SYS_mkdirat, AT_FDCWD, PATH, s.kit.honest ? GOOD : EVIL);
		bool good = s.kit.honest ? made == 0 && is_there()
					 : made < 0 && errno == EXDEV && !is_there();

		rmdir(PATH);
		good = session_has_counted(&s, id, matched, s.defended ? matched : 0) && good;
		session_judged(n, good, !s.kit.honest, session_count(&s, session_is_of, &of));
	}
	hooks_close(&s.hooks);
	return 0;
}
