// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  the address of a sendto is judged, then copied by the kernel; a sibling thread of the
 *          caller rewrites it in between.
 * Steps:   a victim per trial sends a byte to the name that is being rewritten.
 * Success: the socket named EVIL got it.
 */
#include "race.h"
#include "broken.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char *const shapes[] = { "single", "continuous", NULL };

/* An abstract name: its word is at a multiple of four. */
static _Alignas(4) struct {
	uint16_t family;
	char name[8]; /* NUL, x, and the word from the fourth byte on */
} address = { AF_UNIX, "\0xGOOD" };

#define ADDRESS_SIZE (sizeof(uint16_t) + 6)
#define WORD	     (address.name + 2)

static int sockets[2];

static int make_socket(const char *word, int type)
{
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	un.sun_path[1] = 'x';
	memcpy(un.sun_path + 2, word, 4);
	if (fd < 0 || bind(fd, (struct sockaddr *)&un, ADDRESS_SIZE) < 0)
		kit_broken("bind");
	return fd;
}

static void set_up(struct kit *kit)
{
	(void)kit;
	sockets[0] = make_socket("GOOD", SOCK_DGRAM);
	sockets[1] = make_socket("EVIL", SOCK_DGRAM);
}

/* Who got the message says so; of warm-ups nothing is said. */
static void take(unsigned n)
{
	static const char *const words[] = { "GOOD", "EVIL" };
	char byte;

	for (int i = 0; i < 2; i++)
		while (recv(sockets[i], &byte, 1, 0) == 1)
			if (n)
				race_got(n, words[i]);
}

static void before(struct kit *kit, unsigned n)
{
	(void)kit;
	(void)n;
	take(0);
}

static void after(struct kit *kit, unsigned n)
{
	(void)kit;
	take(n);
}

static int act(struct kit *kit, unsigned n)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)kit;
	(void)n;
	if (sendto(fd, "m", 1, 0, (struct sockaddr *)&address, ADDRESS_SIZE) != 1)
		return errno;
	return 0;
}

int main(int argc, char **argv)
{
	const struct race race = {
		.word = WORD, .set_up = set_up, .before = before, .act = act, .after = after
	};

	return race_run(argc, argv, shapes, &race);
}
