// SPDX-License-Identifier: Apache-2.0
/* Copies of what calls point to, and whether the caller's memory still says so: that of a child that never makes them. */
#include "deep/copy.h"

#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* The caller's memory, which we have as well: what is written here is written there. */
static struct {
	char path[32];
	struct sockaddr_in in;
	struct sockaddr_un un;
	struct iovec piece;
	struct msghdr message;
} * its;

static pid_t caller;

static uint64_t at(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

static void set_up(void)
{
	its = mmap(NULL, sizeof(*its), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (its == MAP_FAILED)
		_exit(1);
	strcpy(its->path, "/tmp/GOOD");
	its->in = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(9) };
	its->un.sun_family = AF_UNIX;
	strcpy(its->un.sun_path, "/tmp/GOOD");
	its->piece = (struct iovec){ its->path, 4 };
	its->message = (struct msghdr){ .msg_name = &its->un,
					.msg_namelen = sizeof(its->un),
					.msg_iov = &its->piece,
					.msg_iovlen = 1 };
	caller = fork();
	if (caller == 0)
		for (;;)
			pause();
	if (caller < 0)
		_exit(1);
}

static struct deep_call copied(int number, uint64_t first, uint64_t second, uint64_t third)
{
	static struct deep_call c; /* as the warden's: with what the last one left */

	c.held = (struct held){ .tid = caller, .number = number, .args = { first, second, third } };
	c.tgid = caller;
	c.shape = deep_shape(number);
	ok(!copy_call(&c) && !copy_holds(&c), "call %d: what was copied is there still", number);
	return c;
}

/* One byte of what was judged is another. */
static void changes(const struct deep_call *c, char *byte, const char *what)
{
	*byte ^= 1;
	ok(copy_holds(c) == -EAGAIN, "another %s is seen", what);
	*byte ^= 1;
	ok(!copy_holds(c), "and the old one again");
}

int main(void)
{
	struct deep_call c;

	set_up();
	c = copied(SYS_openat, (uint64_t)AT_FDCWD, at(its->path), O_RDONLY);
	changes(&c, &its->path[5], "path");
	c = copied(SYS_connect, 3, at(&its->in), sizeof(its->in));
	changes(&c, (char *)&its->in.sin_addr, "address");
	changes(&c, (char *)&its->in.sin_port, "port");
	c = copied(SYS_bind, 3, at(&its->un), sizeof(its->un));
	changes(&c, &its->un.sun_path[5], "name of a socket");
	c = copied(SYS_sendmsg, 3, at(&its->message), 0);
	changes(&c, &its->un.sun_path[5], "name in a message");
	its->message.msg_name = NULL;
	ok(copy_holds(&c) == -EAGAIN, "a message that has lost its name is seen");
	c = copied(SYS_sendmsg, 3, at(&its->message), 0);
	its->path[0] = 'x';
	ok(!copy_holds(&c), "the data of a message are not judged");
	if (kill(caller, SIGKILL) || waitpid(caller, NULL, 0) != caller)
		return 1;
	ok(copy_holds(&c) == -ESRCH, "a caller that is gone is told from that");
	return tap_done();
}
