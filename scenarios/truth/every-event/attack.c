// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  as hooks/every-event, of the kinds that kprobes tell: a kprobe can be missed.
 * Steps:   a hook on one kind, then 10,000 such events: files opened, sockets bound, connected and
 *          closed, ioctls that nobody answers. Each has a word of its own in its record: the device, the
 *          socket's inode, the command. The ring is emptied often enough.
 * Success: a record is not the one that comes next, or not all of them came.
 * Source:  kprobes that are missed while another is handled.
 */
#include "broken.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define EVENTS 10000
#define BATCH  500

static const char *const shapes[] = { "open", "bind", "connect", "release", "unanswered", NULL };

static void done(int fd, const char *what)
{
	if (close(fd))
		kit_broken(what);
}

static uint64_t open_one(unsigned n)
{
	static const char *const devices[] = { "/dev/null", "/dev/zero", "/dev/full" };
	int fd = open(devices[n % 3], O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		kit_broken("open");
	done(fd, "open");
	return st.st_rdev;
}

/* To have it no address, to bind it any, to connect it nobody's: no network is up. */
static uint64_t make_socket(int (*with)(int fd, const struct sockaddr *address, socklen_t size),
			    const struct sockaddr *address, socklen_t size)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) || (with && with(fd, address, size)))
		kit_broken("socket");
	done(fd, "socket");
	return st.st_ino;
}

static uint64_t bind_one(unsigned n)
{
	const struct sockaddr_in any = { .sin_family = AF_INET };

	(void)n;
	return make_socket(bind, (const struct sockaddr *)&any, sizeof(any));
}

static uint64_t connect_one(unsigned n)
{
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };

	(void)n;
	return make_socket(connect, &nobody, sizeof(nobody));
}

static uint64_t release_one(unsigned n)
{
	(void)n;
	return make_socket(NULL, NULL, 0);
}

/* The number in the command's own and in its size. */
static uint64_t ask_one(unsigned n)
{
	uint32_t command = (n & 0xff) | 'Q' << 8 | n >> 8 << 16;

	if (!ioctl(STDIN_FILENO, command, 0) || errno != ENOTTY)
		kit_broken("ioctl");
	return command;
}

static const struct {
	enum pf_kind kind;
	int place; /* of the word among the record's args */
	uint64_t (*make)(unsigned n);
} events[] = {
	{ PF_OPEN, 4, open_one },	{ PF_BIND, 4, bind_one },
	{ PF_CONNECT, 4, connect_one }, { PF_RELEASE, 3, release_one },
	{ PF_UNANSWERED, 0, ask_one },
};

/* Of one batch. */
struct expected {
	struct session_of of;
	int place;
	uint64_t words[BATCH];
	unsigned next, strange;
};

static bool is_next(const struct pf_record *record, const void *context)
{
	struct expected *e = *(struct expected *const *)context;
	const struct pf_event *event = (const void *)record;

	if (!session_is_of(record, &e->of))
		return false;
	if (e->next < BATCH && event->view.args[e->place] == e->words[e->next])
		e->next++;
	else
		e->strange++;
	return true;
}

static unsigned shape_of(const struct session *s)
{
	for (unsigned i = 0; shapes[i]; i++)
		if (kit_shape_is(&s->kit, shapes[i]))
			return i;
	kit_broken("shape");
}

static void try(struct session *s, unsigned shape, unsigned n)
{
	static struct expected e;
	struct expected *all = &e;
	struct pf_hook hook = hooks_all(events[shape].kind);
	unsigned seen = 0;

	/* Where nothing is recorded nothing can be seen: so is a hook that misses everything. */
	if (!s->defended && !s->kit.honest)
		hook.flags &= ~(uint32_t)PF_RECORD;
	e = (struct expected){ .place = events[shape].place };
	e.of = (struct session_of){ session_add(s, &hook), getpid() };
	for (unsigned i = 0; i < EVENTS; i++) {
		e.words[i % BATCH] = events[shape].make(i);
		if (i % BATCH < BATCH - 1)
			continue;
		session_count(s, is_next, &all);
		seen += e.next;
		e.next = 0;
	}
	session_judged(n, seen == EVENTS && !e.strange, EVENTS, seen);
	session_remove(s, e.of.hook);
}

int main(int argc, char **argv)
{
	struct session s;

	session_begin(&s, argc, argv, shapes, 256u << 10);
	for (unsigned n = 1; n <= s.kit.trials; n++)
		try(&s, shape_of(&s), n);
	hooks_close(&s.hooks);
	return 0;
}
