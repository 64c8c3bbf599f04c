// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  who is watched has the kernel run a program for it, which is nobody's child and in the
 *          initial namespace.
 * Steps:   core_pattern is a pipe to a program; a child in scope dumps core.
 * Success: the program's exec is not seen by the gated hook, or the call by which it ends.
 * Source:  call_usermodehelper in igloo's scope.
 */
#include "broken.h"
#include "helper.h"

#include <signal.h>
#include <sys/resource.h>

static int dump_core(void)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

	if (setrlimit(RLIMIT_CORE, &all))
		kit_broken("setrlimit");
	raise(SIGABRT);
	return KIT_BROKEN;
}

int main(int argc, char **argv)
{
	return helper_main(argc, argv, "/proc/sys/kernel/core_pattern", "|/bin/witness GOOD 0",
			   dump_core);
}
