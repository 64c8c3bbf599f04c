// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  two hooks on one call, each right by itself, come to something else together.
 * Steps:   one makes a write of nine bytes one of six, another makes one of six bytes one of three;
 *          both are there, the second added first.
 * Success: not three bytes are written.
 * Source:  hooks that all look at the call as it was at first, or run in the order they were added.
 */
#include "broken.h"
#include "session.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const shapes[] = { "plain", NULL };

static struct pf_hook turns(struct sock_filter *program, uint64_t from, int64_t to, int priority)
{
	struct pf_hook hook = hooks_all(PF_CALL);

	hook.number = SYS_write;
	hook.parameters[2] = (struct pf_parameter){ 2, sizeof(long), 0, 0 };
	hook.priority = priority;
	hook.deed = PF_DO_SET_ARGUMENT;
	hook.index = 2;
	hook.value = to;
	strcpy(hook.comm, "order");
	session_equals(program, offsetof(struct pf_view, args[2]), from);
	session_give(&hook, program, SESSION_EQUALS_LENGTH);
	return hook;
}

int main(int argc, char **argv)
{
	struct sock_filter six[SESSION_EQUALS_LENGTH], three[SESSION_EQUALS_LENGTH];
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct pf_hook first, second;
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	first = turns(six, 9, 6, -5);
	second = turns(three, 6, 3, s.defended ? 5 : -10);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		struct session_of of = { .pid = getpid() };
		int other = session_add(&s, &second);
		long written;

		of.hook = session_add(&s, &first);
		written = write(fd, "ninebytes", s.kit.honest ? 5 : 9);
		session_remove(&s, other);
		session_remove(&s, of.hook);
		session_judged(n, written == (s.kit.honest ? 5 : 3), !s.kit.honest,
			       session_count(&s, session_is_of, &of));
	}
	hooks_close(&s.hooks);
	return 0;
}
