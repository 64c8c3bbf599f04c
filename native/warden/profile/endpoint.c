// SPDX-License-Identifier: Apache-2.0
#include "endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/xattr.h>

void endpoint_say(char out[ENDPOINT_MAX], const char *protocol, bool six, const void *address,
		  unsigned port)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	char text[INET6_ADDRSTRLEN];

	if (six && !memcmp(address, mapped, sizeof(mapped))) {
		address = (const unsigned char *)address + sizeof(mapped);
		six = false;
	}
	if (!inet_ntop(six ? AF_INET6 : AF_INET, address, text, sizeof(text)))
		text[0] = '\0'; /* both families have a text, and there is room for it */
	snprintf(out, ENDPOINT_MAX, six ? "%s://[%s]:%u" : "%s://%s:%u", protocol, text, port);
}

/* 0 is nobody's, and sockets are connected to it to ask for an address: getaddrinfo(3). */
static bool read_port(const char *text, unsigned *port)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	*port = (unsigned)number;
	return *text >= '0' && *text <= '9' && !*end && number <= UINT16_MAX;
}

bool endpoint_read(const char *text, char out[ENDPOINT_MAX])
{
	char protocol[4], address[INET6_ADDRSTRLEN];
	unsigned char bytes[16];
	const char *from, *end;
	unsigned port;
	bool six;

	if (strncmp(text, "tcp://", 6) && strncmp(text, "udp://", 6))
		return false;
	snprintf(protocol, sizeof(protocol), "%.3s", text);
	from = text + 6;
	six = *from == '[';
	from += six;
	end = six ? strstr(from, "]:") : strrchr(from, ':');
	if (!end || end == from || (size_t)(end - from) >= sizeof(address))
		return false;
	memcpy(address, from, (size_t)(end - from));
	address[end - from] = '\0';
	if (inet_pton(six ? AF_INET6 : AF_INET, address, bytes) != 1 ||
	    !read_port(end + 1 + six, &port))
		return false;
	endpoint_say(out, protocol, six, bytes, port);
	return true;
}

bool endpoint_of(const char *protocol, const void *address, size_t size, char out[ENDPOINT_MAX],
		 unsigned *port)
{
	struct sockaddr_in6 six;
	struct sockaddr_in four;
	sa_family_t family;

	if (size < sizeof(family))
		return false;
	memcpy(&family, address, sizeof(family));
	if ((family == AF_INET && size >= offsetof(struct sockaddr_in, sin_zero)) ||
	    (family == AF_UNSPEC && size >= sizeof(four))) {
		memcpy(&four, address, offsetof(struct sockaddr_in, sin_zero));
		*port = ntohs(four.sin_port);
		endpoint_say(out, protocol, false, &four.sin_addr, *port);
		return true;
	}
	if (family == AF_INET6 && size >= offsetof(struct sockaddr_in6, sin6_scope_id)) {
		memcpy(&six, address, offsetof(struct sockaddr_in6, sin6_scope_id));
		*port = ntohs(six.sin6_port);
		endpoint_say(out, protocol, true, &six.sin6_addr, *port);
		return true;
	}
	return false;
}

const char *endpoint_protocol(pid_t tid, int fd, bool *six)
{
	char link[48], name[16];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/fd/%d", (int)tid, fd);
	n = getxattr(link, "system.sockprotoname", name, sizeof(name) - 1);
	if (n <= 0)
		return NULL;
	name[n] = '\0';
	*six = n > 2 && !strcmp(name + n - 2, "v6");
	if (!strcmp(name, "TCP") || !strcmp(name, "TCPv6"))
		return "tcp";
	return !strcmp(name, "UDP") || !strcmp(name, "UDPv6") ? "udp" : NULL;
}
