// SPDX-License-Identifier: Apache-2.0
#include "checkpoint.h"

/* Alike, and not to be made one. */
__attribute__((noipa, section(".pf_checkpoint_even"))) static void even(void)
{
	__asm__ volatile("" ::: "memory");
}

__attribute__((noipa, section(".pf_checkpoint_odd"))) static void odd(void)
{
	__asm__ volatile("" ::: "memory");
}

void checkpoint_here(unsigned jobs)
{
	if (jobs % 2)
		odd();
	else
		even();
}
