// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a supervisor that is started where it may not trace, or not read, cannot judge an argv. One
 *          that goes on all the same is no supervisor.
 * Steps:   none but to exec EVIL, as nobody tries to stop it.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  seccomp profiles of container engines, which long denied ptrace and process_vm_readv.
 */
#include "kit.h"

static const char *const shapes[] = { "plain", NULL };

int main(int argc, char **argv)
{
	char good[] = "GOOD", evil[] = "EVIL";
	struct kit kit;

	kit_begin(&kit, argc, argv, shapes);
	for (unsigned n = 1; n <= kit.trials; n++) {
		pid_t pid = kit_fork(&kit);

		if (pid == 0)
			kit_exec_witness(&kit, kit.honest ? good : evil, n);
		kit_outcome(&kit, pid, n, "trial");
	}
	return 0;
}
