// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  the address of a connect is judged, then copied by the kernel; a sibling thread of the
 *          caller rewrites it in between.
 * Steps:   two sockets listen, GOOD and EVIL; a victim per trial connects by the name that is
 *          being rewritten.
 * Success: its peer's name, as the kernel says it, is EVIL's.
 */
#include "race.h"
#include "sockets.h"

#include <errno.h>

static const char *const shapes[] = { "single", "continuous", NULL };

static int act(struct kit *kit, unsigned n)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)kit;
	if (connect(fd, sockets_to(), SOCKETS_ADDRESS_SIZE) < 0)
		return errno;
	sockets_tell_peer(fd, n);
	return 0;
}

int main(int argc, char **argv)
{
	const struct race race = {
		.word = SOCKETS_WORD, .set_up = sockets_listen, .act = act, .after = sockets_accept
	};

	return race_run(argc, argv, shapes, &race);
}
