// SPDX-License-Identifier: Apache-2.0
#include "any-call.h"
#include "race.h"

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

socklen_t any_abstract(struct sockaddr_un *un, char kind, const char *word)
{
	memset(un, 0, sizeof(*un));
	un->sun_family = AF_UNIX;
	un->sun_path[1] = kind;
	memcpy(un->sun_path + 2, word, strlen(word));
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 2 + strlen(word));
}

struct target {
	union {
		struct sockaddr any;
		struct sockaddr_un un;
		struct sockaddr_in in;
		struct sockaddr_storage all;
	} at;
	const struct sockaddr *address;
	socklen_t size;
};

static void choose_target(struct kit *kit, struct target *t, char kind)
{
	static const char *const names[] = { "/socket", "/GOOD", "/EVIL", "/nowhere", "/loop" };
	static const socklen_t sizes[] = { 0, 1, 2, 3, 110, 111, 128, 129, (socklen_t)-1 };
	uint64_t which = kit_below(kit, 12), chance = kit_below(kit, 16);
	uint64_t name = kit_below(kit, COUNT(names)), size = kit_below(kit, COUNT(sizes));

	memset(t, 0, sizeof(*t));
	t->address = &t->at.any;
	if (which < 7 || kit->honest) {
		t->size = any_abstract(&t->at.un, kind,
				       which % 3 == 1 && !kit->honest ? "EVIL" : "GOOD");
	} else if (which < 10) {
		t->at.un.sun_family = AF_UNIX;
		snprintf(t->at.un.sun_path, sizeof(t->at.un.sun_path), RACE_ROOM "%s", names[name]);
		t->size = sizeof(t->at.un);
	} else {
		t->at.in.sin_family = which == 10 ? AF_INET : (sa_family_t)(77 * (name & 1));
		t->at.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		t->at.in.sin_port = htons(9);
		t->size = sizeof(t->at.in);
	}
	if (kit->honest)
		return;
	if (chance < 3)
		t->size = sizes[size];
	else if (chance == 3)
		t->address = (const struct sockaddr *)ANY_NOWHERE;
}

static int choose_socket(struct kit *kit, int type)
{
	uint64_t chance = kit_below(kit, 16);

	if (kit->honest || chance > 5)
		return socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (chance == 0)
		return 77;
	if (chance == 1)
		return any_room;
	if (chance == 2)
		return -1;
	return socket(
		chance == 3 ? AF_INET : AF_UNIX,
		(type == SOCK_DGRAM ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

typedef int name_call(int fd, struct sockaddr *address, socklen_t *size);

/* Abstract names only: a path is the warden's way to it, and who has no name is given any. */
static void did_name(unsigned n, const char *call, int result, int fd, name_call *name)
{
	struct sockaddr_un un = { 0 };
	socklen_t size = sizeof(un);
	int err = result < 0 ? errno : 0;

	if (!err && name(fd, (struct sockaddr *)&un, &size) == 0 &&
	    !memcmp(un.sun_path + 2, "GOOD", 5))
		any_did(n, call, 0, un.sun_path + 1);
	else
		any_did(n, call, err, "");
	if (fd > any_room)
		close(fd);
}

void any_connect(struct kit *kit, unsigned n)
{
	struct target t;
	int fd;

	choose_target(kit, &t, 's');
	fd = choose_socket(kit, SOCK_STREAM);
	did_name(n, "connect", connect(fd, t.address, t.size), fd, getpeername);
}

void any_bind(struct kit *kit, unsigned n)
{
	struct target t;
	int fd;

	choose_target(kit, &t, (char)('a' + kit_below(kit, 3)));
	fd = choose_socket(kit, SOCK_DGRAM);
	did_name(n, "bind", bind(fd, t.address, t.size), fd, getsockname);
}

void any_send(struct kit *kit, unsigned n)
{
	static const int flags[] = { 0, 0, MSG_DONTWAIT, MSG_NOSIGNAL, MSG_OOB };
	uint64_t chance = kit_below(kit, 12), size = kit_below(kit, 100),
		 pieces = kit_below(kit, 3);
	int flag = flags[kit_below(kit, COUNT(flags))], fd;
	char data[256] = "data";
	struct iovec iov[3] = { { data, size }, { data, 3 }, { data, 1 } };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = pieces };
	struct target t;
	long result;

	choose_target(kit, &t, 'd');
	fd = choose_socket(kit, SOCK_DGRAM);
	if (!kit->honest && chance == 0)
		iov[0].iov_base = (void *)ANY_NOWHERE;
	if (!kit->honest && chance == 1)
		t.address = NULL;
	if (!kit->honest && chance == 2)
		m.msg_iovlen = 1025;
	if (kit->honest)
		flag = 0;
	m.msg_name = (void *)(uintptr_t)t.address;
	m.msg_namelen = t.size;
	result = chance % 2 ? sendto(fd, iov[0].iov_base, size, flag, t.address, t.size)
			    : sendmsg(fd, chance == 4 && !kit->honest ? (void *)ANY_NOWHERE : &m,
				      flag);
	any_did(n, chance % 2 ? "sendto" : "sendmsg", result < 0 ? errno : 0,
		result > 0 ? "some" : "");
	if (fd > any_room)
		close(fd);
}
