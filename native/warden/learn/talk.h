/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said over sockets, where it is plain: names that were looked up, requests of HTTP. It is for
 * people who read a profile; whoever sends something else is allowed no more for it.
 */
#ifndef PF_TALK_H
#define PF_TALK_H

#include "observer.h"

/* An endpoint was seen, "udp://192.0.2.1:53": from now on there may be something to hear. */
void talk_notice(struct observer *o, const char *endpoint);
/* A call is about to be made, that may send a request. */
void talk_said(struct observer *o, const struct watched *t);
/* Whether the end of a call that hears is to be seen. */
bool talk_listens(const struct observer *o);
/* It has heard so many bytes. */
void talk_heard(struct observer *o, const struct watched *t, long bytes);
/*
 * Of an answer of the DNS (RFC 1035): each address that it has for the name that was asked for, as
 * "192.0.2.1 example.org". Anything else comes to nothing. Pure.
 */
void talk_answer(const unsigned char *bytes, size_t size,
		 void (*each)(void *context, const char *line), void *context);
/* "GET http://example.org/path", of a request of HTTP/1 (RFC 9112). False: it is none. Pure. */
bool talk_request(const char *text, size_t size, char *out, size_t room);

#endif
