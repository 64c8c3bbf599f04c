// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  the address of a connect is judged, then copied by the kernel; a sibling thread of the
 *          caller rewrites it in between.
 * Steps:   two sockets listen, GOOD and EVIL; a victim per trial connects by the name that is
 *          being rewritten.
 * Success: its peer's name, as the kernel says it, is EVIL's.
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

/* The name's last four bytes. */
static const char *word_of(const struct sockaddr_un *un, socklen_t size)
{
	static char word[5];

	if (size != ADDRESS_SIZE)
		return "nobody";
	memcpy(word, un->sun_path + 2, 4);
	return word;
}

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
	static const char *const words[] = { "GOOD", "EVIL" };

	(void)kit;
	for (int i = 0; i < 2; i++) {
		sockets[i] = make_socket(words[i], SOCK_STREAM);
		if (listen(sockets[i], 64) < 0)
			kit_broken("listen");
	}
}

/* So that the queue never is full. */
static void after(struct kit *kit, unsigned n)
{
	(void)kit;
	(void)n;
	for (int i = 0; i < 2; i++) {
		int fd = accept(sockets[i], NULL, NULL);

		if (fd >= 0)
			close(fd);
	}
}

static int act(struct kit *kit, unsigned n)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un peer;
	socklen_t size = sizeof(peer);

	(void)kit;
	if (connect(fd, (struct sockaddr *)&address, ADDRESS_SIZE) < 0)
		return errno;
	if (getpeername(fd, (struct sockaddr *)&peer, &size) < 0)
		kit_broken("getpeername");
	race_got(n, word_of(&peer, size));
	return 0;
}

int main(int argc, char **argv)
{
	const struct race race = { .word = WORD, .set_up = set_up, .act = act, .after = after };

	return race_run(argc, argv, shapes, &race);
}
