// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  as hooks/every-event, of the kinds that kprobes tell: a kprobe can be missed.
 * Steps:   a hook on one kind or several, then 10,000 of such events: files opened, sockets bound, connected and
 *          closed, ioctls that nobody answers. The rings are emptied often enough.
 * Success: a record is not in every field what comes next, not all of them came, or the hook has counted others.
 * Source:  kprobes that are missed while another is handled.
 */
#include "broken.h"
#include "expected.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const shapes[] = { "opens", "sockets", "ioctls", NULL };

static void done(int fd, const char *what)
{
	if (close(fd))
		kit_broken(what);
}

static void make_open(const struct session *s, struct expected *const sets[], unsigned n)
{
	static const char *const devices[] = { "/dev/null", "/dev/zero", "/dev/full" };
	const char *device = devices[n % 3];
	struct expected_event *event = expected_add(sets[0], getpid());
	int fd = open(device, O_RDONLY | O_CLOEXEC), flags = fcntl(fd, F_GETFL);
	struct stat st;

	(void)s;
	if (fd < 0 || flags < 0 || fstat(fd, &st))
		kit_broken("open");
	done(fd, "open");
	event->view.args[0] = (uint64_t)flags;
	event->view.args[1] = st.st_mode;
	event->view.args[2] = st.st_dev;
	event->view.args[3] = st.st_ino;
	event->view.args[4] = st.st_rdev;
	expected_data(event, 0, device, strlen(device));
}

static struct expected_event *add_socket(struct expected *e, uint64_t ino)
{
	struct expected_event *event = expected_add(e, getpid());

	event->view.args[0] = AF_INET;
	event->view.args[1] = SOCK_DGRAM;
	event->view.args[2] = IPPROTO_UDP;
	event->view.args[3] = ino;
	return event;
}

static void add_address(struct expected *e, const struct sockaddr_in *address, uint64_t ino)
{
	struct expected_event *event = add_socket(e, ino);

	event->view.args[3] = sizeof(*address);
	event->view.args[4] = ino;
	event->view.args[5] = address->sin_family;
	expected_data(event, 0, address, sizeof(*address));
}

/* It gets any address and is connected to nobody: no network is up. What the kernel does not use is numbered. */
static void make_socket(const struct session *s, struct expected *const sets[], unsigned n)
{
	struct sockaddr_in any = { .sin_family = AF_INET }, nobody = { .sin_family = AF_UNSPEC };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct stat st;

	(void)s;
	memcpy(any.sin_zero, &n, sizeof(n));
	memcpy(nobody.sin_zero, &n, sizeof(n));
	if (fd < 0 || fstat(fd, &st) || bind(fd, (struct sockaddr *)&any, sizeof(any)) ||
	    connect(fd, (struct sockaddr *)&nobody, sizeof(nobody)))
		kit_broken("socket");
	done(fd, "socket");
	add_address(sets[0], &any, st.st_ino);
	add_address(sets[1], &nobody, st.st_ino);
	add_socket(sets[2], st.st_ino);
}

/* The number in the command's own and in its size, and in the argument. */
static void ask(const struct session *s, struct expected *const sets[], unsigned n)
{
	uint32_t command = (n & 0xff) | 'Q' << 8 | n >> 8 << 16;
	struct pf_view *view = &expected_add(sets[0], getpid())->view;
	struct stat st;

	if (!ioctl(STDIN_FILENO, command, n) || errno != ENOTTY || fstat(STDIN_FILENO, &st))
		kit_broken("ioctl");
	view->number = SYS_ioctl;
	view->abi = s->hooks.info.abi;
	view->args[0] = command;
	view->args[1] = n;
	view->args[2] = st.st_rdev;
	view->args[3] = st.st_dev;
	view->args[4] = st.st_ino;
	view->args[5] = st.st_mode;
	view->result = -ENOTTY;
}

#define HOOK(kind)                                                                                 \
	{                                                                                          \
		EXPECTED_HOOK(kind, "every-event", -1)                                             \
	}

static const struct expected_work works[] = {
	{ make_open, { HOOK(PF_OPEN) } },
	{ make_socket, { HOOK(PF_BIND), HOOK(PF_CONNECT), HOOK(PF_RELEASE) } },
	{ ask, { HOOK(PF_UNANSWERED) } },
};

int main(int argc, char **argv)
{
	return expected_run(argc, argv, shapes, works);
}
