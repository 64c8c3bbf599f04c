// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  o32 has a call that makes another one, syscall(2): a hook that goes by the number that came
 *          in sees syscall and not what is made, and its arguments one place off.
 * Steps:   mkdirat(2) by syscall(2), with five arguments, the mode among them.
 * Success: a hook on mkdirat with that mode does not see it.
 * Source:  indirect calls on mips, which older tracers did not resolve.
 */
#include "broken.h"
#include "session.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PATH "/tmp/indirect"
#define MODE 0751

static const char *const shapes[] = { "plain", NULL };

static long make_directory(bool indirectly)
{
#ifdef __mips__
	if (indirectly)
		return syscall(SYS_syscall, SYS_mkdirat, AT_FDCWD, PATH, MODE);
#else
	(void)indirectly;
#endif
	return syscall(SYS_mkdirat, AT_FDCWD, PATH, MODE);
}

int main(int argc, char **argv)
{
	struct sock_filter program[SESSION_EQUALS_LENGTH];
	struct pf_hook hook = hooks_all(PF_CALL);
	struct session_of of = { .pid = getpid() };
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	/* Without resolving: the number as it comes in. */
	hook.number = s.defended ? SYS_mkdirat : 4000;
	hook.parameters[2] = (struct pf_parameter){ 2, 2, 0, 0 };
	session_equals(program, offsetof(struct pf_view, args[2]), MODE);
	session_give(&hook, program, SESSION_EQUALS_LENGTH);
	of.hook = session_add(&s, &hook);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		if (make_directory(!s.kit.honest) || rmdir(PATH))
			kit_broken(PATH);
		session_looked(n, 1, session_count(&s, session_is_of, &of));
	}
	hooks_close(&s.hooks);
	return 0;
}
