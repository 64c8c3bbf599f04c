/* SPDX-License-Identifier: Apache-2.0 */
/* Where a task's socket leads to, as the kernel tells it. */
#ifndef PF_SOCKETS_H
#define PF_SOCKETS_H

#include "../profile/endpoint.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The peer of a TCP or UDP socket, as "tcp://192.0.2.1:443" or "tcp://[2001:db8::1]:443". 0, or -ENOENT when it has none. */
int socket_peer(pid_t tid, int fd, char out[ENDPOINT_MAX]);
/* The port that a TCP or UDP socket listens on or sends from. 0, or -ENOENT when it has none. */
int socket_port(pid_t tid, int fd, uint16_t *port);

#endif
