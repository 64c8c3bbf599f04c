// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  who counts close(2) does not know when a socket ends: its descriptors may be many, in several
 *          processes, or in a message that nobody has received, and none of them need be closed by a call.
 * Steps:   a socket gets such descriptors, which go one after the other; after each it is asked what
 *          was told.
 * Success: something was told while there was a descriptor left, or not exactly one thing was told once
 *          there was none.
 * Source:  drivers that watch sockets by descriptor.
 */
#include "broken.h"
#include "session.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const shapes[] = { "dup", "fork", "message", NULL };

struct ending {
	int hook;
	bool defended;
	ino_t inode;
	int fd; /* the first, to which a watcher of calls holds */
	unsigned told;
};

static bool ends(const struct pf_record *record, const void *context)
{
	const struct ending *e = context;
	const struct pf_event *event = (const void *)record;

	if (record->kind >= PF_KINDS || event->hook != (uint32_t)e->hook)
		return false;
	if (e->defended)
		return event->view.args[3] == e->inode;
	return event->view.pid == (uint32_t)getpid() && event->view.args[0] == (uint64_t)e->fd;
}

/* True when nothing was told up to now, at most one thing later. */
static bool quiet(struct session *s, struct ending *e)
{
	e->told += session_count(s, ends, e);
	return e->told == 0;
}

static void begin(struct session *s, struct ending *e)
{
	struct stat st;

	e->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (e->fd < 0 || fstat(e->fd, &st))
		kit_broken("socket");
	e->inode = st.st_ino;
	e->told = 0;
	session_count(s, ends, e); /* of sockets before it */
}

static void drop(int fd)
{
	if (syscall(SYS_close, fd))
		kit_broken("close");
}

static bool end_duplicated(struct session *s, struct ending *e)
{
	int copy = dup(e->fd), third = dup(e->fd);
	bool right;

	if (copy < 0 || third < 0)
		kit_broken("dup");
	drop(e->fd);
	right = quiet(s, e);
	drop(third);
	right = quiet(s, e) && right;
	if (dup2(STDOUT_FILENO, copy) < 0) /* which closes it as well */
		kit_broken("dup2");
	e->told += session_count(s, ends, e);
	drop(copy);
	return right;
}

/* The child has it last, and ends without a close. */
static bool end_inherited(struct session *s, struct ending *e)
{
	int go[2], status;
	bool right;
	pid_t child;
	char byte;

	if (pipe(go))
		kit_broken("pipe");
	child = kit_fork(&s->kit);
	if (child == 0) {
		close(go[1]);
		_exit(read(go[0], &byte, 1) != 0);
	}
	drop(e->fd);
	right = quiet(s, e);
	close(go[0]);
	close(go[1]); /* its start signal */
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status))
		kit_broken("child");
	e->told += session_count(s, ends, e);
	return right;
}

static void send_descriptor(int to, int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr head;
	} control = { .head = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	char byte = 'x';
	struct iovec iov = { &byte, 1 };
	struct msghdr message = { .msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = CMSG_LEN(sizeof(int)) };

	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	if (sendmsg(to, &message, 0) != 1)
		kit_broken("sendmsg");
}

/* It is in a message alone, and goes with the queue that this one is in. */
static bool end_in_flight(struct session *s, struct ending *e)
{
	int pair[2];
	bool right;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		kit_broken("socketpair");
	send_descriptor(pair[0], e->fd);
	drop(e->fd);
	right = quiet(s, e);
	close(pair[0]);
	right = quiet(s, e) && right;
	close(pair[1]);
	e->told += session_count(s, ends, e);
	return right;
}

static bool end_plainly(struct session *s, struct ending *e)
{
	bool right = quiet(s, e);

	drop(e->fd);
	e->told += session_count(s, ends, e);
	return right;
}

static bool make_trial(struct session *s, struct ending *e)
{
	begin(s, e);
	if (s->kit.honest)
		return end_plainly(s, e);
	if (kit_shape_is(&s->kit, "dup"))
		return end_duplicated(s, e);
	return kit_shape_is(&s->kit, "fork") ? end_inherited(s, e) : end_in_flight(s, e);
}

int main(int argc, char **argv)
{
	struct session s;
	struct pf_hook hook;
	struct ending e;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	hook = hooks_all(s.defended ? PF_RELEASE : PF_CALL);
	if (!s.defended) {
		hook.number = SYS_close;
		hook.parameters[0] = (struct pf_parameter){ 0, 4, 0, 0 };
	}
	e = (struct ending){ .hook = session_add(&s, &hook), .defended = s.defended };
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		bool right = make_trial(&s, &e);

		session_judged(n, right && e.told == 1, 1, e.told);
	}
	hooks_close(&s.hooks);
	return 0;
}
