// SPDX-License-Identifier: Apache-2.0
#include "watch-addresses.h"
#include "broken.h"
#include "sockets.h"

#include <stddef.h>

#define WORD_IN_NAME 2
#define WORD_AT	     (offsetof(struct sockets_address, name) + WORD_IN_NAME)

void watch_address_put(const char *word)
{
	kit_store(SOCKETS_WORD, word);
}

const char *watch_address_told(const struct pf_record *record)
{
	const struct pf_address_event *e = (const void *)record;
	const __u64 *args = e->event.view.args;
	bool fits = args[0] == AF_UNIX && args[1] == SOCK_STREAM && args[5] == AF_UNIX &&
		    args[3] == SOCKETS_ADDRESS_SIZE && e->address_bytes == SOCKETS_ADDRESS_SIZE;

	return fits ? watch_word((const char *)e->data + WORD_AT) : NULL;
}

const char *watch_address_found(pid_t victim, uint64_t address)
{
	return watch_read(victim, address, WORD_AT);
}

int watch_address_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		kit_broken("socket");
	return fd;
}

const char *watch_address_word(const struct sockets_address *address)
{
	return watch_word(address->name + WORD_IN_NAME);
}
