// SPDX-License-Identifier: Apache-2.0
#include "talk.h"

#include "../remote.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define DNS_PORT ":53"

/* A request's line and its first headers; an answer of the DNS over UDP is shorter (EDNS, RFC 6891: 1232 as a rule). */
#define HEARD_MOST 2048u
#define PATH_ROOM  512u

/* --- the DNS ---------------------------------------------------------------------------------- */

#define DNS_HEADER   12u
#define DNS_NAME     256u /* RFC 1035: 255 octets */
#define DNS_JUMPS    32u
#define DNS_RESPONSE 0x80u
#define TYPE_A	     1u
#define TYPE_AAAA    28u

struct message {
	const unsigned char *bytes;
	size_t size, at;
};

static unsigned word_at(const struct message *m, size_t at)
{
	return at + 2 <= m->size ? (unsigned)m->bytes[at] << 8 | m->bytes[at + 1] : 0;
}

/* A label's bytes; what is no letter, digit, hyphen or underscore makes the name unfit to be shown. */
static bool add_label(char out[DNS_NAME], size_t *n, const unsigned char *label, unsigned length)
{
	if (*n + length + 1 >= DNS_NAME)
		return false;
	if (*n)
		out[(*n)++] = '.';
	for (unsigned i = 0; i < length; i++) {
		if (!isalnum(label[i]) && label[i] != '-' && label[i] != '_')
			return false;
		out[(*n)++] = (char)label[i];
	}
	out[*n] = '\0';
	return true;
}

/* Takes a name in, which may go on elsewhere; out may be NULL. False: it is none. */
static bool take_name(struct message *m, char *out)
{
	size_t at = m->at, n = 0, behind = 0;

	if (out)
		out[0] = '\0';
	for (unsigned jumps = 0; at < m->size;) {
		unsigned length = m->bytes[at];

		if (!length) {
			m->at = behind ? behind : at + 1;
			return true;
		}
		if ((length & 0xc0) == 0xc0) {
			if (++jumps > DNS_JUMPS || at + 2 > m->size)
				return false;
			behind = behind ? behind : at + 2;
			at = word_at(m, at) & 0x3fff;
			continue;
		}
		if (length & 0xc0 || at + 1 + length > m->size ||
		    (out && !add_label(out, &n, m->bytes + at + 1, length)))
			return false;
		at += 1 + length;
	}
	return false;
}

static void say_address(const struct message *m, unsigned type, unsigned length, const char *name,
			void (*each)(void *, const char *), void *context)
{
	bool six = type == TYPE_AAAA && length == 16;
	char text[INET6_ADDRSTRLEN], line[DNS_NAME + INET6_ADDRSTRLEN];

	if (!six && !(type == TYPE_A && length == 4))
		return;
	if (!inet_ntop(six ? AF_INET6 : AF_INET, m->bytes + m->at, text, sizeof(text)))
		return;
	snprintf(line, sizeof(line), "%s %s", text, name);
	each(context, line);
}

void talk_answer(const unsigned char *bytes, size_t size,
		 void (*each)(void *context, const char *line), void *context)
{
	struct message m = { bytes, size, DNS_HEADER };
	char name[DNS_NAME];
	unsigned answers;

	/* One question, answered without an error. */
	if (size < DNS_HEADER || !(bytes[2] & DNS_RESPONSE) || bytes[3] & 0xf ||
	    word_at(&m, 4) != 1 || !take_name(&m, name) || !name[0])
		return;
	answers = word_at(&m, 6);
	m.at += 4; /* type and class of the question */
	for (unsigned i = 0; i < answers; i++) {
		unsigned type, length;

		if (!take_name(&m, NULL) || m.at + 10 > size)
			return;
		type = word_at(&m, m.at);
		length = word_at(&m, m.at + 8);
		m.at += 10;
		if (m.at + length > size)
			return;
		say_address(&m, type, length, name, each, context);
		m.at += length;
	}
}

/* --- HTTP ------------------------------------------------------------------------------------- */

static bool is_method(const char *text, size_t n)
{
	static const char *const methods[] = { "GET",	 "HEAD",    "POST",  "PUT",
					       "DELETE", "OPTIONS", "PATCH", "CONNECT" };

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strlen(methods[i]) == n && !memcmp(methods[i], text, n))
			return true;
	return false;
}

static size_t printable(const char *text, size_t size)
{
	size_t n = 0;

	while (n < size && text[n] > ' ' && text[n] < 0x7f)
		n++;
	return n;
}

/* The value of the header Host, or NULL. */
static const char *host_of(const char *text, size_t size, size_t *length)
{
	static const char name[] = "\r\nhost:";
	size_t n = sizeof(name) - 1;

	for (size_t i = 0; i + n <= size; i++) {
		if (strncasecmp(text + i, name, n))
			continue;
		for (i += n; i < size && text[i] == ' '; i++)
			;
		*length = printable(text + i, size - i);
		return *length ? text + i : NULL;
	}
	return NULL;
}

bool talk_request(const char *text, size_t size, char *out, size_t room)
{
	static const char version[] = " HTTP/1.";
	size_t method = printable(text, size < 8 ? size : 8), path, host_length;
	const char *at, *host;
	int n;

	if (!is_method(text, method) || method + 1 >= size || text[method] != ' ')
		return false;
	at = text + method + 1;
	path = printable(at, size - method - 1);
	if (!path || path > PATH_ROOM || method + 1 + path + sizeof(version) > size ||
	    memcmp(at + path, version, sizeof(version) - 1))
		return false;
	host = host_of(text, size, &host_length);
	if (*at == '/' && host)
		n = snprintf(out, room, "%.*s http://%.*s%.*s", (int)method, text, (int)host_length,
			     host, (int)path, at);
	else
		n = snprintf(out, room, "%.*s %.*s", (int)method, text, (int)path, at);
	return n > 0 && (size_t)n < room;
}

/* --- what tasks do ---------------------------------------------------------------------------- */

void talk_notice(struct observer *o, const char *endpoint)
{
	size_t n = strlen(endpoint);

	o->speaks = o->speaks || !strncmp(endpoint, "tcp:", 4);
	o->asks = o->asks || (n > 3 && !strcmp(endpoint + n - 3, DNS_PORT));
}

bool talk_listens(const struct observer *o)
{
	return o->asks;
}

/* Where the first piece of a struct msghdr or an array of iovec begins, and its size. */
static int first_piece(pid_t tid, uint64_t at, bool header, struct iovec *out)
{
	struct msghdr m;
	int err = header ? remote_read(tid, at, &m, sizeof(m)) : 0;

	return err ? err
		   : remote_read(tid, header ? (uint64_t)(uintptr_t)m.msg_iov : at, out,
				 sizeof(*out));
}

static bool is_socket(pid_t tid, int fd)
{
	char path[48], link[16];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)tid, fd);
	n = readlink(path, link, sizeof(link));
	return n > 7 && !strncmp(link, "socket:", 7);
}

void talk_said(struct observer *o, const struct watched *t)
{
	struct iovec piece = { (void *)(uintptr_t)t->args[1], (size_t)t->args[2] };
	bool header = t->number == SYS_sendmsg;
	char text[HEARD_MOST], line[PATH_ROOM * 2];
	size_t n;

	if (!o->speaks)
		return;
	if (header || t->number == SYS_writev) {
		if (first_piece(t->tid, t->args[1], header, &piece))
			return;
	} else if (t->number != SYS_write && t->number != SYS_sendto) {
		return;
	}
	n = piece.iov_len < sizeof(text) ? piece.iov_len : sizeof(text);
	if (n < 16 || remote_read(t->tid, (uint64_t)(uintptr_t)piece.iov_base, text, n) ||
	    !talk_request(text, n, line, sizeof(line)) || !is_socket(t->tid, (int)t->args[0]))
		return;
	observer_put(o, &o->seen->requests, line, 0);
}

static void put_name(void *observer, const char *line)
{
	struct observer *o = observer;

	observer_put(o, &o->seen->names, line, 0);
}

void talk_heard(struct observer *o, const struct watched *t, long bytes)
{
	struct iovec piece = { (void *)(uintptr_t)t->args[1], (size_t)t->args[2] };
	unsigned char answer[HEARD_MOST];
	size_t n = bytes > 0 ? (size_t)bytes : 0;

	if (t->form->in_header && first_piece(t->tid, t->args[1], true, &piece))
		return;
	if (n > piece.iov_len)
		n = piece.iov_len;
	if (n < DNS_HEADER || n > sizeof(answer) ||
	    remote_read(t->tid, (uint64_t)(uintptr_t)piece.iov_base, answer, n))
		return;
	talk_answer(answer, n, put_name, o);
}
