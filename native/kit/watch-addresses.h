/* SPDX-License-Identifier: Apache-2.0 */
/* For watches of addresses: the one of sockets.h, whose word says GOOD or EVIL. */
#ifndef PF_KIT_WATCH_ADDRESSES_H
#define PF_KIT_WATCH_ADDRESSES_H

#include "watch.h"

struct sockets_address;

/* The watch's functions of these names; `told` is of PF_BIND and PF_CONNECT. */
void watch_address_put(const char *word);
const char *watch_address_told(const struct pf_record *record);
const char *watch_address_found(pid_t victim, uint64_t address);
/* A stream socket, and the word that an address says which the kernel gave. */
int watch_address_socket(void);
const char *watch_address_word(const struct sockets_address *address);

#endif
