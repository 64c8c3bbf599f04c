// SPDX-License-Identifier: Apache-2.0
#include "checkpoint.h"

__attribute__((noinline, section(".pf_checkpoint"))) void checkpoint_here(void)
{
	__asm__ volatile("" ::: "memory");
}
