/* SPDX-License-Identifier: Apache-2.0 */
/* Deeds like those of a profile, each with one thing other than was seen. */
#ifndef PF_MUTATIONS_H
#define PF_MUTATIONS_H

#include "../profile/profile.h"
#include "seen.h"

#include <stddef.h>

/* More are not made: beyond that each would say the same again. */
#define MUTATIONS_MOST 2048u

enum deed {
	DEED_READ,  /* open path for reading */
	DEED_WRITE, /* for writing */
	DEED_MAKE,  /* a file that is not there, and remove it */
	DEED_RUN,   /* execute path: the last one, for what follows would be done by it */
	DEED_REACH, /* connect to an address */
	DEED_BIND,  /* take a port */
	DEED_CALL,  /* a call by number, with arguments that it refuses or that change nothing */
};

struct mutation {
	enum deed deed;
	enum tightness_kind kind;
	char *path;
	bool udp;
	uint32_t address; /* of IPv4, in host order */
	uint16_t port;
	int number;
	uint64_t args[3];
};

struct mutations {
	uint32_t count;
	struct mutation at[MUTATIONS_MOST];
};

/* Looks for files beside those of the profile. What there is no memory for is left out. */
void mutations_make(const struct profile *profile, const struct seen *seen, struct mutations *out);
/* Does it, in a process that is good for nothing else: 0 or the errno that the kernel gave. */
int mutation_try(const struct mutation *m);
/* For people. A line without controls. */
void mutation_say(const struct mutation *m, char *out, size_t size);
void mutations_free(struct mutations *m);

#endif
