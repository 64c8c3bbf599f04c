// SPDX-License-Identifier: Apache-2.0
#include "restart.h"
#include "tap.h"

#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Only where there is something to try; kernels of the host's arch do it right. */
static void test_host(void)
{
	unsigned action = SECCOMP_RET_USER_NOTIF;
	bool there = syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;

	ok(restart_works() == there, "a call that a signal meets is made again");
	ok(restart_works() == there, "and may be tried twice");
	ok(waitpid(-1, NULL, WNOHANG) < 0, "no child is left behind");
}

int main(void)
{
	test_host();
	return tap_done();
}
