// SPDX-License-Identifier: Apache-2.0
#include "sockets.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CONNECTED 1u /* TCP_ESTABLISHED of include/net/tcp_states.h, of UDP too */

/* A row of /proc/net/tcp and its like (proc_pid_net(5)): addresses are words of the host's order, ports are numbers. */
struct row {
	uint32_t local[4], remote[4];
	unsigned local_port, remote_port, state;
	unsigned long inode;
	bool six;
};

static const struct table {
	const char *name, *protocol;
	bool six;
} tables[] = {
	{ "tcp", "tcp", false },
	{ "tcp6", "tcp", true },
	{ "udp", "udp", false },
	{ "udp6", "udp", true },
};

static int inode_of(pid_t tid, int fd, unsigned long *inode)
{
	char path[48], link[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)tid, fd);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return -errno;
	link[n] = '\0';
	return sscanf(link, "socket:[%lu]", inode) == 1 ? 0 : -ENOENT;
}

static bool parse_four(const char *line, struct row *r)
{
	return sscanf(line,
		      " %*u: %8" SCNx32 ":%4x %8" SCNx32 ":%4x %x %*x:%*x %*x:%*x %*x %*u %*u %lu",
		      &r->local[0], &r->local_port, &r->remote[0], &r->remote_port, &r->state,
		      &r->inode) == 6;
}

static bool parse_six(const char *line, struct row *r)
{
	return sscanf(line,
		      " %*u: %8" SCNx32 "%8" SCNx32 "%8" SCNx32 "%8" SCNx32 ":%4x %8" SCNx32
		      "%8" SCNx32 "%8" SCNx32 "%8" SCNx32 ":%4x %x %*x:%*x %*x:%*x %*x %*u %*u %lu",
		      &r->local[0], &r->local[1], &r->local[2], &r->local[3], &r->local_port,
		      &r->remote[0], &r->remote[1], &r->remote[2], &r->remote[3], &r->remote_port,
		      &r->state, &r->inode) == 12;
}

static bool search(pid_t tid, const struct table *t, unsigned long inode, struct row *out)
{
	char path[48], line[512];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/net/%s", (int)tid, t->name);
	f = fopen(path, "re");
	if (!f)
		return false;
	while (!found && fgets(line, sizeof(line), f)) {
		*out = (struct row){ .six = t->six };
		found = (t->six ? parse_six(line, out) : parse_four(line, out)) &&
			out->inode == inode;
	}
	fclose(f);
	return found;
}

static const struct table *find(pid_t tid, int fd, struct row *row)
{
	unsigned long inode;

	if (inode_of(tid, fd, &inode))
		return NULL;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (search(tid, &tables[i], inode, row))
			return &tables[i];
	return NULL;
}

int socket_peer(pid_t tid, int fd, char out[ENDPOINT_MAX])
{
	struct row row;
	const struct table *t = find(tid, fd, &row);

	/* UDP may be connected to port 0, which nobody has. */
	if (!t || (!row.remote_port && row.state != CONNECTED))
		return -ENOENT;
	endpoint_say(out, t->protocol, t->six, row.remote, row.remote_port);
	return 0;
}

int socket_port(pid_t tid, int fd, uint16_t *port)
{
	struct row row;

	if (!find(tid, fd, &row) || !row.local_port)
		return -ENOENT;
	*port = (uint16_t)row.local_port;
	return 0;
}
