// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  who is watched has the kernel run a program for it, which is nobody's child and in the
 *          initial namespace.
 * Steps:   a child in scope asks for a socket of a family that no module is there for, and the kernel runs
 *          what kernel.modprobe names.
 * Success: the program's exec is not seen by the gated hook.
 * Source:  call_usermodehelper in igloo's scope.
 */
#include "helper.h"

#include <sys/socket.h>

/* Guests have no module for it. */
static int ask_for_family(void)
{
	return socket(AF_BLUETOOTH, SOCK_RAW, 0) < 0 ? 0 : KIT_BROKEN;
}

int main(int argc, char **argv)
{
	return helper_main(argc, argv, "/proc/sys/kernel/modprobe", "/bin/witness", ask_for_family);
}
