/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses as profiles write them: "tcp://192.0.2.1:443", "udp://[2001:db8::1]:53". */
#ifndef PF_ENDPOINT_H
#define PF_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Longer than udp://[an address of IPv6]:65535. */
#define ENDPOINT_MAX 80

/* Of 4 or 16 bytes. An IPv4 address inside IPv6 is that IPv4 address, as policies have it. */
void endpoint_say(char out[ENDPOINT_MAX], const char *protocol, bool six, const void *address,
		  unsigned port);
/* As people write one to as it is said here: an address has many forms. False: it is none. */
bool endpoint_read(const char *text, char out[ENDPOINT_MAX]);
/*
 * Of a struct sockaddr, copied. False for other families, and for one that is too short. AF_UNSPEC is
 * AF_INET, as it is to sends and binds (udp_sendmsg, raw_sendmsg, inet_bind); connect(2) is not to ask.
 */
bool endpoint_of(const char *protocol, const void *address, size_t size, char out[ENDPOINT_MAX],
		 unsigned *port);
/*
 * "tcp" or "udp" and whether of IPv6, also of a socket that has no address yet, as its file system calls
 * it (sockfs_xattr_get in net/socket.c, Linux 3.7); NULL: of another protocol, or no socket.
 */
const char *endpoint_protocol(pid_t tid, int fd, bool *six);

#endif
