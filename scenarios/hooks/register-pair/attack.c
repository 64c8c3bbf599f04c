// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  on 32-bit arches a 64-bit argument takes two registers, which two and in which order is the
 *          ABI's choice; who looks at one of them, or puts them together the wrong way round, sees
 *          another value.
 * Steps:   ftruncate64(2) to a length above 4 GiB; a hook whose filter names the length.
 * Success: the file has that length, and the hook has not seen it.
 * Source:  igloo's hooks on o32 and EABI, big-endian above all.
 */
#include "broken.h"
#include "session.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Both ABIs begin a pair at an even register. */
#define PAIR_PLACE 2
#define LENGTH	   0x1234567800ull

static const char *const shapes[] = { "plain", NULL };

int main(int argc, char **argv)
{
	int fd = open("/tmp/pair", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct sock_filter program[SESSION_EQUALS_LENGTH];
	struct pf_hook hook = hooks_all(PF_CALL);
	struct session s;
	struct stat st;
	int id;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	if (fd < 0)
		kit_broken("/tmp/pair");
#ifdef SYS_ftruncate64
	hook.number = SYS_ftruncate64;
#else
	kit_broken("this arch has no pairs");
#endif
	hook.parameters[1] = (struct pf_parameter){
		.place = PAIR_PLACE,
		.bytes = s.defended ? 8 : 4,
		.flags = s.defended ? PF_PARAMETER_PAIR : 0,
	};
	session_equals(program, offsetof(struct pf_view, args[1]), LENGTH);
	session_give(&hook, program, SESSION_EQUALS_LENGTH);
	id = session_add(&s, &hook);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		struct session_of of = { id, getpid() };
		unsigned wanted = s.kit.honest ? 0 : 1, seen;

		if (ftruncate(fd, 0) || ftruncate(fd, s.kit.honest ? 1 : (off_t)LENGTH) ||
		    fstat(fd, &st))
			kit_broken("ftruncate");
		seen = session_count(&s, session_is_of, &of);
		session_judged(n, seen == wanted && (s.kit.honest || st.st_size == (off_t)LENGTH),
			       wanted, seen);
	}
	hooks_close(&s.hooks);
	return 0;
}
