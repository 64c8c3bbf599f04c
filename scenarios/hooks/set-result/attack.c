// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a hook that rewrites a result tells the caller something else than it was told to: an error
 *          is no value, and o32 keeps the two apart by a register.
 * Steps:   getppid(2) whose result becomes a number, or an error; a failing close(2) whose error
 *          becomes a number.
 * Success: the caller gets anything else.
 * Source:  return values on mips, where -errno is no result.
 */
#include "broken.h"
#include "session.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const shapes[] = { "value", "error", "healed", NULL };

static bool is_as_set(const struct session *s)
{
	bool set = !s->kit.honest;
	long got;

	errno = 0;
	if (kit_shape_is(&s->kit, "healed")) {
		got = syscall(SYS_close, -1);
		return set ? got == 7 : got == -1 && errno == EBADF;
	}
	got = syscall(SYS_getppid);
	if (!set)
		return got == getppid();
	return kit_shape_is(&s->kit, "value") ? got == 123456 : got == -1 && errno == ENOTUNIQ;
}

int main(int argc, char **argv)
{
	struct pf_hook hook = hooks_all(PF_RETURN);
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	strcpy(hook.comm, s.kit.honest ? "somebody-else" : "set-result");
	hook.number = kit_shape_is(&s.kit, "healed") ? SYS_close : SYS_getppid;
	if (s.defended) {
		hook.deed = PF_DO_SET_RESULT;
		hook.value = kit_shape_is(&s.kit, "value")   ? 123456
			     : kit_shape_is(&s.kit, "error") ? -ENOTUNIQ
							     : 7;
	}
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		struct session_of of = { .pid = getpid() };
		bool right;

		of.hook = session_add(&s, &hook);
		right = is_as_set(&s);
		session_remove(&s, of.hook);
		session_judged(n, right, !s.kit.honest, session_count(&s, session_is_of, &of));
	}
	hooks_close(&s.hooks);
	return 0;
}
