// SPDX-License-Identifier: Apache-2.0
#include "sockets.h"
#include "broken.h"
#include "race.h"

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/un.h>
#include <unistd.h>

#define PAGE 4096u

static const char *const words[] = { "GOOD", "EVIL" };
static int sockets[2];

struct sockets_address sockets_address = { AF_UNIX, "\0xGOOD" };

static int make(const char *word, int type)
{
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	un.sun_path[1] = 'x';
	memcpy(un.sun_path + 2, word, 4);
	if (fd < 0 || bind(fd, (struct sockaddr *)&un, SOCKETS_ADDRESS_SIZE) < 0)
		kit_broken("bind");
	return fd;
}

void sockets_listen(struct kit *kit)
{
	(void)kit;
	for (int i = 0; i < 2; i++) {
		sockets[i] = make(words[i], SOCK_STREAM);
		if (listen(sockets[i], 64) < 0)
			kit_broken("listen");
	}
}

void sockets_accept(struct kit *kit, unsigned n)
{
	(void)kit;
	(void)n;
	for (int i = 0; i < 2; i++) {
		int fd = accept(sockets[i], NULL, NULL);

		if (fd >= 0)
			close(fd);
	}
}

static void tell(const struct sockaddr_un *un, socklen_t size, unsigned n)
{
	char word[5] = "";

	if (size == SOCKETS_ADDRESS_SIZE)
		memcpy(word, un->sun_path + 2, 4);
	race_got(n, size == SOCKETS_ADDRESS_SIZE ? word : "nobody");
}

void sockets_tell_peer(int fd, unsigned n)
{
	struct sockaddr_un un;
	socklen_t size = sizeof(un);

	if (getpeername(fd, (struct sockaddr *)&un, &size) < 0)
		kit_broken("getpeername");
	tell(&un, size, n);
}

void sockets_tell_own(int fd, unsigned n)
{
	struct sockaddr_un un;
	socklen_t size = sizeof(un);

	if (getsockname(fd, (struct sockaddr *)&un, &size) < 0)
		kit_broken("getsockname");
	tell(&un, size, n);
}

void sockets_open(struct kit *kit)
{
	(void)kit;
	for (int i = 0; i < 2; i++)
		sockets[i] = make(words[i], SOCK_DGRAM);
}

/* Of warm-ups, trial 0, nothing is said. */
static void take(unsigned n)
{
	char byte;

	for (int i = 0; i < 2; i++)
		while (recv(sockets[i], &byte, 1, 0) == 1)
			if (n)
				race_got(n, words[i]);
}

void sockets_forget(struct kit *kit, unsigned n)
{
	(void)kit;
	(void)n;
	take(0);
}

void sockets_tell(struct kit *kit, unsigned n)
{
	(void)kit;
	take(n);
}

char *sockets_place(const char *word)
{
	struct sockets_address address = sockets_address;
	uint32_t number;
	uintptr_t page;

	memcpy(&number, word, sizeof(number));
	page = number & ~(uintptr_t)(PAGE - 1);
	if (mmap((void *)page, 2 * PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		kit_broken("mmap");
	memcpy(address.name + 2, word, 4);
	return memcpy((void *)(uintptr_t)number, &address, SOCKETS_ADDRESS_SIZE);
}
