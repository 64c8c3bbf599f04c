// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  as hooks/every-event, of the kinds that kprobes tell: a kprobe can be missed.
 * Steps:   a hook on one kind, then 10,000 such events: files opened, sockets bound, connected and
 *          closed, ioctls that nobody answers. The ring is emptied often enough.
 * Success: not as many records as events.
 * Source:  kprobes that are missed while another is handled.
 */
#include "broken.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 10000
#define BATCH  500

static const char *const shapes[] = { "open", "bind", "connect", "release", "unanswered", NULL };

static int make_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		kit_broken("socket");
	return fd;
}

static void done(int fd, const char *what)
{
	if (close(fd))
		kit_broken(what);
}

static void open_one(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		kit_broken("open");
	done(fd, "open");
}

static void bind_one(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int fd = make_socket();

	if (bind(fd, (struct sockaddr *)&any, sizeof(any)))
		kit_broken("bind");
	done(fd, "bind");
}

/* To nobody, as no network is up. */
static void connect_one(void)
{
	struct sockaddr nobody = { .sa_family = AF_UNSPEC };
	int fd = make_socket();

	if (connect(fd, &nobody, sizeof(nobody)))
		kit_broken("connect");
	done(fd, "connect");
}

static void release_one(void)
{
	done(make_socket(), "release");
}

static void ask_one(void)
{
	int answer;

	if (!ioctl(STDIN_FILENO, FIONREAD, &answer) || errno != ENOTTY)
		kit_broken("ioctl");
}

static const struct {
	enum pf_kind kind;
	void (*make)(void);
} events[] = {
	{ PF_OPEN, open_one },	     { PF_BIND, bind_one },	 { PF_CONNECT, connect_one },
	{ PF_RELEASE, release_one }, { PF_UNANSWERED, ask_one },
};

static unsigned shape_of(const struct session *s)
{
	for (unsigned i = 0; shapes[i]; i++)
		if (kit_shape_is(&s->kit, shapes[i]))
			return i;
	kit_broken("shape");
}

int main(int argc, char **argv)
{
	struct session s;
	unsigned shape;

	session_begin(&s, argc, argv, shapes, 256u << 10);
	shape = shape_of(&s);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		struct pf_hook hook = hooks_all(events[shape].kind);
		struct session_of of = { .pid = getpid() };
		unsigned seen = 0;

		/* Where nothing is recorded nothing can be seen: so is a hook that misses everything. */
		if (!s.defended && !s.kit.honest)
			hook.flags &= ~(uint32_t)PF_RECORD;
		of.hook = session_add(&s, &hook);
		for (int i = 1; i <= EVENTS; i++) {
			events[shape].make();
			if (i % BATCH == 0)
				seen += session_count(&s, session_is_of, &of);
		}
		session_looked(n, EVENTS, seen);
		session_remove(&s, of.hook);
	}
	hooks_close(&s.hooks);
	return 0;
}
