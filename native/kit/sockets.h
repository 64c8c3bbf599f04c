/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For attacks on addresses: two sockets with abstract names that end in GOOD and EVIL, and the one
 * address that leads to either, by a word that a thread may rewrite.
 */
#ifndef PF_KIT_SOCKETS_H
#define PF_KIT_SOCKETS_H

#include "kit.h"

#include <stdint.h>
#include <sys/socket.h>

/* Of an AF_UNIX socket with an abstract name: NUL, x, and the word, at a multiple of four. */
struct sockets_address {
	_Alignas(4) uint16_t family;
	char name[8];
};

#define SOCKETS_ADDRESS_SIZE ((socklen_t)(sizeof(uint16_t) + 6))

extern struct sockets_address sockets_address;
/* The word in it, GOOD at first. */
#define SOCKETS_WORD (sockets_address.name + 2)

static inline const struct sockaddr *sockets_to(void)
{
	return (const struct sockaddr *)&sockets_address;
}

/* Streams, for `set_up` and `after` of a race; the latter so that the queue never is full. */
void sockets_listen(struct kit *kit);
void sockets_accept(struct kit *kit, unsigned n);
/* In the victim: says to whom a stream is connected, or where a socket is bound. */
void sockets_tell_peer(int fd, unsigned n);
void sockets_tell_own(int fd, unsigned n);

/* Datagrams, for `set_up`, `before` and `after` of a race: who got a message says so. */
void sockets_open(struct kit *kit);
void sockets_forget(struct kit *kit, unsigned n);
void sockets_tell(struct kit *kit, unsigned n);

/* Puts the address of the socket of that word where the word, taken as a number, points to. */
char *sockets_place(const char *word);

#endif
