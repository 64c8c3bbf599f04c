// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  what changes between a check of a call and the call cannot be tried out, as nothing can be held
 *          between the two.
 * Steps:   a lever on a call, with a seed; then some such calls, each timed.
 * Success: one that was drawn took less time than drawn, or another number of them was held.
 * Source:  probes that may not sleep.
 */
#include "held.h"

#include <stddef.h>
#include <sys/syscall.h>

static const char *const shapes[] = { "plain", NULL };

int main(int argc, char **argv)
{
	static const struct held_kind kinds[] = { { PF_CALL, SYS_getpgid, 1, held_time_call } };

	return held_main(argc, argv, shapes, kinds);
}
