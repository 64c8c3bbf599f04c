// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  who is told of a bind(2) and then reads the address says what the caller's memory holds by
 *          now, not what the socket is called.
 * Steps:   a socket is bound to the name GOOD or EVIL, and the victim, or a thread of it, writes the other
 *          word into the address.
 * Success: what is said of the call is not the name that getsockname(2) gives.
 * Source:  strace and other tracers; the classic check and use.
 */
#include "broken.h"
#include "sockets.h"
#include "watch-addresses.h"

#include <sys/syscall.h>
#include <unistd.h>

static const char *act(void)
{
	struct sockets_address own;
	socklen_t size = sizeof(own);
	int fd = watch_address_socket();

	if (syscall(SYS_bind, fd, sockets_to(), SOCKETS_ADDRESS_SIZE) ||
	    getsockname(fd, (struct sockaddr *)&own, &size) || close(fd))
		kit_broken("bind");
	return watch_address_word(&own);
}

int main(int argc, char **argv)
{
	static const struct watch watch = {
		.kind = PF_BIND,
		.number = SYS_bind,
		.argument = 1,
		.put = watch_address_put,
		.act = act,
		.told = watch_address_told,
		.found = watch_address_found,
	};

	return watch_run(argc, argv, &watch);
}
