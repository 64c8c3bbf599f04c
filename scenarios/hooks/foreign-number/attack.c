// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  one number means different calls in different ABIs; who goes by the number alone takes one
 *          call for another, or does not see it.
 * Steps:   getppid(2) by int 0x80, whose number there is semget(2)'s in a native call; semget natively.
 * Success: a hook for i386's getppid sees anything but the calls by int 0x80.
 * Source:  filters that forget the arch, as seccomp(2) warns of.
 */
#include "broken.h"
#include "int80.h"
#include "session.h"

#include <linux/audit.h>
#include <sys/ipc.h>
#include <sys/syscall.h>
#include <unistd.h>

#define I386_GETPPID 64
#define CALLS	     4

static const char *const shapes[] = { "plain", NULL };

int main(int argc, char **argv)
{
	struct pf_hook hook = hooks_all(PF_CALL);
	struct session_of of = { .pid = getpid() };
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	hook.number = I386_GETPPID;
	hook.abi = s.defended ? AUDIT_ARCH_I386 : 0;
	of.hook = session_add(&s, &hook);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		for (int i = 0; i < CALLS; i++) {
			if (int80(I386_GETPPID, 0, 0, 0) != getppid())
				kit_broken("int 0x80");
			if (!s.kit.honest)
				syscall(I386_GETPPID, IPC_PRIVATE, 0, 0);
		}
		session_looked(n, CALLS, session_count(&s, session_is_of, &of));
	}
	hooks_close(&s.hooks);
	return 0;
}
