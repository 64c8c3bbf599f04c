// SPDX-License-Identifier: Apache-2.0
/* Asks for EVIL outright, or does honest work; nothing is raced. */
#include "kit.h"

#include <stddef.h>

static const char *const shapes[] = { "plain", NULL };

int main(int argc, char **argv)
{
	struct kit kit;

	kit_begin(&kit, argc, argv, shapes);
	for (unsigned n = 1; n <= kit.trials; n++) {
		char evil[] = "EVIL", good[] = "GOOD";
		pid_t victim = kit_fork(&kit);

		if (victim == 0)
			kit_exec_witness(&kit, kit.honest ? good : evil, n);
		kit_outcome(&kit, victim, n, "trial");
	}
	return 0;
}
