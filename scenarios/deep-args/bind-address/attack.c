// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  the address of a bind is judged, then copied by the kernel; a sibling thread of the
 *          caller rewrites it in between.
 * Steps:   a victim per trial binds a socket to the name that is being rewritten.
 * Success: its socket's name, as the kernel says it, is EVIL.
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

static int act(struct kit *kit, unsigned n)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un own;
	socklen_t size = sizeof(own);

	(void)kit;
	if (bind(fd, (struct sockaddr *)&address, ADDRESS_SIZE) < 0)
		return errno;
	if (getsockname(fd, (struct sockaddr *)&own, &size) < 0)
		kit_broken("getsockname");
	race_got(n, word_of(&own, size));
	return 0;
}

int main(int argc, char **argv)
{
	const struct race race = { .word = WORD, .act = act };

	return race_run(argc, argv, shapes, &race);
}
