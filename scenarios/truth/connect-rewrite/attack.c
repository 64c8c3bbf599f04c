// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  who is told of a connect(2) and then reads the address says what the caller's memory holds
 *          by now, not to whom the socket was connected.
 * Steps:   a socket is connected to GOOD or EVIL, and the victim, or a thread of it, writes the other
 *          word into the address.
 * Success: what is said of the call is not the name that getpeername(2) gives.
 * Source:  strace and other tracers; the classic check and use.
 */
#include "broken.h"
#include "sockets.h"
#include "watch-addresses.h"

#include <sys/syscall.h>
#include <unistd.h>

static void set_up(void)
{
	sockets_listen(NULL);
}

static void after(void)
{
	sockets_accept(NULL, 0);
}

static const char *act(void)
{
	struct sockets_address peer;
	socklen_t size = sizeof(peer);
	int fd = watch_address_socket();

	if (syscall(SYS_connect, fd, sockets_to(), SOCKETS_ADDRESS_SIZE) ||
	    getpeername(fd, (struct sockaddr *)&peer, &size) || close(fd))
		kit_broken("connect");
	return watch_address_word(&peer);
}

int main(int argc, char **argv)
{
	static const struct watch watch = {
		.kind = PF_CONNECT,
		.number = SYS_connect,
		.argument = 1,
		.set_up = set_up,
		.put = watch_address_put,
		.act = act,
		.told = watch_address_told,
		.found = watch_address_found,
		.after = after,
	};

	return watch_run(argc, argv, &watch);
}
