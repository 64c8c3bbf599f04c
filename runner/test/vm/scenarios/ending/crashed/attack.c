// SPDX-License-Identifier: Apache-2.0
/* Takes all the memory there is, in a guest that panics when there is none left. */
#include "kit.h"

#include <stdlib.h>
#include <string.h>

static const char *const shapes[] = { "plain", NULL };

int main(int argc, char **argv)
{
	const size_t step = 1 << 20;
	struct kit kit;

	kit_begin(&kit, argc, argv, shapes);
	for (;;) {
		char *memory = malloc(step);

		if (memory)
			memset(memory, 1, step);
	}
}
