// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  the address of a sendto is judged, then copied by the kernel; a sibling thread of the
 *          caller rewrites it in between.
 * Steps:   a victim per trial sends a byte to the name that is being rewritten.
 * Success: the socket named EVIL got it.
 */
#include "race.h"
#include "sockets.h"

#include <errno.h>

static const char *const shapes[] = { "single", "continuous", NULL };

static int act(struct kit *kit, unsigned n)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)kit;
	(void)n;
	if (sendto(fd, "m", 1, 0, sockets_to(), SOCKETS_ADDRESS_SIZE) != 1)
		return errno;
	return 0;
}

int main(int argc, char **argv)
{
	const struct race race = { .word = SOCKETS_WORD,
				   .set_up = sockets_open,
				   .before = sockets_forget,
				   .act = act,
				   .after = sockets_tell };

	return race_run(argc, argv, shapes, &race);
}
