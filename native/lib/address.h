/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of sockets, worded as members of a JSON line. */
#ifndef PF_LIB_ADDRESS_H
#define PF_LIB_ADDRESS_H

#include "jsonl.h"

#define ADDRESS_MOST 128 /* struct sockaddr_storage */

/*
 * `ip` and `port`, or `path` and whether it is `abstract`; what has no such wording, or is too short for
 * its family, as `bytes` in hex. At most ADDRESS_MOST bytes.
 */
void address_json(struct jsonl *j, uint64_t family, const uint8_t *bytes, size_t n);

#endif
