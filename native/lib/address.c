// SPDX-License-Identifier: Apache-2.0
#include "address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static void put_hex(struct jsonl *j, const uint8_t *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	char hex[2 * ADDRESS_MOST];

	for (size_t i = 0; i < n; i++) {
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
	jsonl_str(j, "bytes", hex, 2 * n);
}

static void put_internet(struct jsonl *j, int family, const void *address, in_port_t port)
{
	char text[INET6_ADDRSTRLEN];

	if (!inet_ntop(family, address, text, sizeof(text)))
		text[0] = 0;
	jsonl_str(j, "ip", text, strlen(text));
	jsonl_int(j, "port", ntohs(port));
}

/* An abstract name begins with a NUL and is as long as the address; another one ends with its NUL. */
static void put_path(struct jsonl *j, const uint8_t *name, size_t n)
{
	bool abstract = n > 0 && !name[0];

	jsonl_str(j, "path", name + abstract, abstract ? n - 1 : strnlen((const char *)name, n));
	jsonl_bool(j, "abstract", abstract);
}

void address_json(struct jsonl *j, uint64_t family, const uint8_t *bytes, size_t n)
{
	const size_t path_at = offsetof(struct sockaddr_un, sun_path);
	struct sockaddr_in6 six;
	struct sockaddr_in four;

	if (family == AF_INET && n >= sizeof(four)) {
		memcpy(&four, bytes, sizeof(four));
		put_internet(j, AF_INET, &four.sin_addr, four.sin_port);
	} else if (family == AF_INET6 && n >= sizeof(six)) {
		memcpy(&six, bytes, sizeof(six));
		put_internet(j, AF_INET6, &six.sin6_addr, six.sin6_port);
	} else if (family == AF_UNIX && n >= path_at) {
		put_path(j, bytes + path_at, n - path_at);
	} else {
		put_hex(j, bytes, n);
	}
}
