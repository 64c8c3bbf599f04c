// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  an argument is looked for where another arch has it, or where it was before the kernel
 *          copied it: the fifth and sixth of o32 are on the caller's stack.
 * Steps:   a call with six arguments, each with bits in every byte.
 * Success: a record that has another value in any place.
 * Source:  syscall_get_arguments() on mips, which reads the caller's memory anew.
 */
#include "broken.h"
#include "session.h"

#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const shapes[] = { "direct", "return", NULL };

static bool is_as_passed(const struct pf_record *record, const void *context)
{
	const struct pf_event *event = (const void *)record;
	const unsigned long *passed = context;

	if (record->kind != PF_CALL && record->kind != PF_RETURN)
		return false;
	for (int i = 0; i < 6; i++)
		if (event->view.args[i] != passed[i])
			return false;
	return true;
}

int main(int argc, char **argv)
{
	struct pf_hook hook;
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	hook = hooks_all(kit_shape_is(&s.kit, "return") ? PF_RETURN : PF_CALL);
	hook.number = SYS_getppid; /* which looks at none of them */
	for (unsigned char i = 0; i < 6; i++)
		hook.parameters[i] =
			(struct pf_parameter){ .place = i, .bytes = s.defended ? sizeof(long) : 2 };
	session_add(&s, &hook);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		unsigned long a[6];

		for (int i = 0; i < 6; i++)
			a[i] = s.kit.honest ? (unsigned long)i : (unsigned long)kit_random(&s.kit);
		syscall(SYS_getppid, a[0], a[1], a[2], a[3], a[4], a[5]);
		session_looked(n, 1, session_count(&s, is_as_passed, a));
	}
	hooks_close(&s.hooks);
	return 0;
}
