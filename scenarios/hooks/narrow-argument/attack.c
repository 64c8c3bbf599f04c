// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a filter compares a whole register, and the kernel only the part of it that the argument's
 *          type has: garbage in the rest hides a call from the filter.
 * Steps:   mkdirat(2) with a mode (umode_t, 16 bits) or a directory fd (int) in a register that has
 *          other bits set; a hook whose filter names the value that the kernel uses.
 * Success: the directory is made, and the hook has not seen it.
 * Source:  igloo's argument filters, which compare before truncation.
 */
#include "broken.h"
#include "session.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROOM "/tmp/narrow"
#define MODE 0751

static const char *const shapes[] = { "mode", "fd", NULL };

static void make_directory(const struct session *s, unsigned n)
{
	long dirfd = AT_FDCWD, mode = MODE, dirt = s->kit.honest ? 0 : 0x5a5a0000;
	char path[64];

	if (kit_shape_is(&s->kit, "mode"))
		mode |= dirt;
	else if (!s->kit.honest) /* -100 as an unsigned int: the upper half is not its sign's */
		dirfd = (long)(unsigned)AT_FDCWD;
	snprintf(path, sizeof(path), ROOM "-%u", n);
	if (syscall(SYS_mkdirat, dirfd, path, mode) || rmdir(path))
		kit_broken(path);
}

int main(int argc, char **argv)
{
	struct sock_filter program[SESSION_EQUALS_LENGTH];
	struct pf_hook hook = hooks_all(PF_CALL);
	struct session s;
	int id;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	hook.number = SYS_mkdirat;
	if (s.defended) {
		hook.parameters[0] = (struct pf_parameter){ 0, 4, PF_PARAMETER_SIGNED, 0 };
		hook.parameters[2] = (struct pf_parameter){ 2, 2, 0, 0 };
	}
	if (kit_shape_is(&s.kit, "mode"))
		session_equals(program, offsetof(struct pf_view, args[2]), MODE);
	else
		session_equals(program, offsetof(struct pf_view, args[0]), (uint64_t)AT_FDCWD);
	session_give(&hook, program, SESSION_EQUALS_LENGTH);
	id = session_add(&s, &hook);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		struct session_of of = { id, getpid() };

		make_directory(&s, n);
		session_looked(n, 1, session_count(&s, session_is_of, &of));
	}
	hooks_close(&s.hooks);
	return 0;
}
