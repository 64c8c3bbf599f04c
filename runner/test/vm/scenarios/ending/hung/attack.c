// SPDX-License-Identifier: Apache-2.0
/* Waits for what never comes. */
#include "kit.h"

#include <stddef.h>
#include <unistd.h>

static const char *const shapes[] = { "plain", NULL };

int main(int argc, char **argv)
{
	struct kit kit;

	kit_begin(&kit, argc, argv, shapes);
	for (;;)
		pause();
}
