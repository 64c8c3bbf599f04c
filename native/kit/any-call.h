/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that the seed alone makes up, each made at once and reported as `did` with what came of it.
 * Honest ones succeed. The files are those of the attack's set-up, in RACE_ROOM.
 */
#ifndef PF_KIT_ANY_CALL_H
#define PF_KIT_ANY_CALL_H

#include "kit.h"

#include <sys/socket.h>
#include <sys/un.h>

enum { ANY_NOWHERE = 16 }; /* no address of anything */

/* Reports a call; true from then on in any_failed if it failed. */
void any_did(unsigned n, const char *call, int err, const char *got);
extern bool any_failed;

/* Relative paths start from here; numbers above it are of files that such calls made. */
extern int any_room;

void any_open(struct kit *kit, unsigned n);
void any_openat2(struct kit *kit, unsigned n);
void any_connect(struct kit *kit, unsigned n);
void any_bind(struct kit *kit, unsigned n);
void any_send(struct kit *kit, unsigned n);

/* An abstract name of a letter and a word. */
socklen_t any_abstract(struct sockaddr_un *un, char kind, const char *word);

#endif
