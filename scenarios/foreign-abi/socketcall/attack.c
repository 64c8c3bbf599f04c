// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  what a filter sees of socketcall is a pointer: which call it is, and of what, lies
 *          behind it.
 * Steps:   a victim per trial connects to EVIL by socketcall.
 * Success: its peer's name, as the kernel says it, is EVIL's.
 */
#include "race.h"
#include "sockets.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SOCKETCALL_CONNECT 3 /* linux/net.h: SYS_CONNECT */

static const char *const shapes[] = { "plain", NULL };

static long connect_by_socketcall(const struct kit *kit, int fd)
{
	unsigned long args[] = { (unsigned long)fd, (unsigned long)&sockets_address,
				 SOCKETS_ADDRESS_SIZE };

	if (kit->honest)
		return connect(fd, sockets_to(), SOCKETS_ADDRESS_SIZE);
	memcpy(SOCKETS_WORD, "EVIL", 4);
#ifdef SYS_socketcall
	return syscall(SYS_socketcall, SOCKETCALL_CONNECT, args);
#else
	(void)args;
	errno = ENOSYS; /* the lab leaves such arches out */
	return -1;
#endif
}

static int act(struct kit *kit, unsigned n)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect_by_socketcall(kit, fd) < 0)
		return errno;
	sockets_tell_peer(fd, n);
	return 0;
}

int main(int argc, char **argv)
{
	const struct race race = { .set_up = sockets_listen, .act = act, .after = sockets_accept };

	return race_run(argc, argv, shapes, &race);
}
