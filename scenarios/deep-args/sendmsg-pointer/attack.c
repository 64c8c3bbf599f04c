// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a message's header has a pointer to the address; who reads the header twice may find
 *          two addresses.
 * Steps:   two addresses lie where the words GOOD and EVIL, taken as numbers, point to, so that
 *          one store of a word moves the pointer from one to the other. The seed
 *          says whether it is sendmsg or sendmmsg, which take different times.
 * Success: the socket named EVIL got the message.
 */
#include "race.h"
#include "sockets.h"

#include <errno.h>

static const char *const shapes[] = { "single", "continuous", NULL };

static struct mmsghdr message;
static bool many;

static void set_up(struct kit *kit)
{
	many = kit_one_in(kit, 2);
	sockets_open(kit);
	sockets_place("GOOD");
	sockets_place("EVIL");
}

static int act(struct kit *kit, unsigned n)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct iovec iov = { (char[]){ 'm' }, 1 };

	(void)kit;
	(void)n;
	message.msg_hdr.msg_namelen = SOCKETS_ADDRESS_SIZE;
	message.msg_hdr.msg_iov = &iov;
	message.msg_hdr.msg_iovlen = 1;
	if (!many)
		return sendmsg(fd, &message.msg_hdr, 0) == 1 ? 0 : errno;
	return sendmmsg(fd, &message, 1, 0) == 1 && message.msg_len == 1 ? 0 : errno;
}

int main(int argc, char **argv)
{
	const struct race race = { .word = (char *)&message.msg_hdr.msg_name,
				   .set_up = set_up,
				   .before = sockets_forget,
				   .act = act,
				   .after = sockets_tell };

	return race_run(argc, argv, shapes, &race);
}
