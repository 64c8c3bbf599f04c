// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a message's header has a pointer to the address; who reads the header twice may find
 *          two addresses.
 * Steps:   two addresses lie where the words GOOD and EVIL, taken as numbers, point to, so that
 *          one store of a word moves the pointer from one to the other. sendmsg and
 *          sendmmsg in turn.
 * Success: the socket named EVIL got the message.
 */
#include "race.h"
#include "broken.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
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

#define PAGE 4096u

static struct mmsghdr message;

/* The address of the socket of that name, at the address that the name is. */
static void place(const char *word)
{
	uint32_t number;
	uintptr_t at, page;

	memcpy(&number, word, sizeof(number));
	at = number;
	page = at & ~(uintptr_t)(PAGE - 1);
	if (mmap((void *)page, 2 * PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		kit_broken("mmap");
	memcpy(WORD, word, 4);
	memcpy((void *)at, &address, ADDRESS_SIZE);
}

static void set_up(struct kit *kit)
{
	(void)kit;
	sockets[0] = make_socket("GOOD", SOCK_DGRAM);
	sockets[1] = make_socket("EVIL", SOCK_DGRAM);
	place("GOOD");
	place("EVIL");
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
	struct iovec iov = { (char[]){ 'm' }, 1 };

	(void)kit;
	message.msg_hdr.msg_namelen = ADDRESS_SIZE;
	message.msg_hdr.msg_iov = &iov;
	message.msg_hdr.msg_iovlen = 1;
	if (n % 2)
		return sendmsg(fd, &message.msg_hdr, 0) == 1 ? 0 : errno;
	return sendmmsg(fd, &message, 1, 0) == 1 && message.msg_len == 1 ? 0 : errno;
}

int main(int argc, char **argv)
{
	const struct race race = { .word = (char *)&message.msg_hdr.msg_name,
				   .set_up = set_up,
				   .before = before,
				   .act = act,
				   .after = after };

	return race_run(argc, argv, shapes, &race);
}
