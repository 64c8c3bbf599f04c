// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  the address of a bind is judged, then copied by the kernel; a sibling thread of the
 *          caller rewrites it in between.
 * Steps:   a victim per trial binds a socket to the name that is being rewritten.
 * Success: its socket's name, as the kernel says it, is EVIL.
 */
#include "race.h"
#include "sockets.h"

#include <errno.h>

static const char *const shapes[] = { "single", "continuous", NULL };

static int act(struct kit *kit, unsigned n)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)kit;
	if (bind(fd, sockets_to(), SOCKETS_ADDRESS_SIZE) < 0)
		return errno;
	sockets_tell_own(fd, n);
	return 0;
}

int main(int argc, char **argv)
{
	const struct race race = { .word = SOCKETS_WORD, .act = act };

	return race_run(argc, argv, shapes, &race);
}
