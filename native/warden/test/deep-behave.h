/* SPDX-License-Identifier: Apache-2.0 */
/* What the deep test's own program does under the warden: one small behaviour each. */
#ifndef PF_DEEP_BEHAVE_H
#define PF_DEEP_BEHAVE_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLEEPS_US 300000u
#define WAITERS	  4
#define CROWD	  36 /* four more than may wait (deep/later.h, deep/pool.h) */

static char room[64];

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	char line[256];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	line[n++] = '\n';
	if (write(STDOUT_FILENO, line, (size_t)n) != n)
		_exit(99);
}

static int error_of(long result)
{
	return result < 0 ? errno : 0;
}

/* A directory of this process's own, with GOOD and EVIL in it; the working directory. */
static void make_room(void)
{
	static const char *const names[] = { "GOOD", "EVIL" };

	strcpy(room, "/tmp/warden-deep-XXXXXX");
	if (!mkdtemp(room) || chdir(room) < 0)
		_exit(98);
	for (int i = 0; i < 2; i++) {
		int fd = open("new", O_WRONLY | O_CREAT | O_EXCL, 0600);

		if (fd < 0 || write(fd, names[i], 4) != 4 || rename("new", names[i]) < 0)
			_exit(98);
		close(fd);
	}
	if (symlink("EVIL", "link") < 0 || symlink("EVIL-new", "dangling") < 0 ||
	    mkdir("dir", 0700) < 0)
		_exit(98);
}

static void remove_room(void)
{
	char command[128];

	snprintf(command, sizeof(command), "/bin/rm -rf %s", room);
	if (*room && system(command))
		say("left %s", room);
}

static void say_content(const char *what, int fd)
{
	char text[16] = "";

	if (fd < 0)
		say("%s %d", what, errno);
	else if (read(fd, text, sizeof(text) - 1) < 0)
		say("%s cannot be read", what);
	else
		say("%s %s", what, text);
}

static int open_how(const char *path, uint64_t flags, uint64_t resolve, size_t size)
{
	struct open_how how[2] = { { .flags = flags, .resolve = resolve } };

	return (int)syscall(SYS_openat2, AT_FDCWD, path, how, size);
}

static int open_beneath(int dir, const char *path, uint64_t resolve)
{
	struct open_how how = { .flags = O_RDONLY, .resolve = resolve };

	return (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
}

static void open_plain(void)
{
	int dir = open(room, O_RDONLY | O_DIRECTORY);
	char path[96];

	say_content("good", open("GOOD", O_RDONLY));
	say_content("evil", open("EVIL", O_RDONLY));
	say_content("link", open("link", O_RDONLY));
	snprintf(path, sizeof(path), "dir/../../%s/./link", strrchr(room, '/') + 1);
	say_content("dots", open(path, O_RDONLY));
	say_content("fd", openat(dir, "EVIL", O_RDONLY));
	say_content("how", open_how("EVIL", O_RDONLY, 0, sizeof(struct open_how)));
}

static void open_create(void)
{
	struct stat st = { 0 };

	umask(027);
	say("create %d", error_of(open("made", O_RDWR | O_CREAT | O_EXCL, 0666)));
	if (stat("made", &st) < 0)
		_exit(97);
	say("mode %o", st.st_mode & 0777);
	say("exists %d", error_of(open("made", O_RDWR | O_CREAT | O_EXCL, 0666)));
	say("evil %d", error_of(open("EVIL-2", O_RDWR | O_CREAT, 0666)));
	say("through %d", error_of(open("dangling", O_RDWR | O_CREAT, 0666)));
	say("tmp %d", error_of(open("dir", O_RDWR | O_TMPFILE, 0600)));
	say("dir %d", error_of(open("dir", O_RDONLY | O_CREAT, 0600)));
	say("there %d", error_of(open("dir/", O_RDONLY | O_CREAT | O_EXCL, 0600)));
	say("slash %d", error_of(open("nothing/", O_RDONLY | O_CREAT, 0600)));
}

static void open_flags(void)
{
	const size_t size = sizeof(struct open_how);
	int fd;

	if (symlink("GOOD", "to-good") < 0)
		_exit(97);
	say("nofollow %d", error_of(open("to-good", O_RDONLY | O_NOFOLLOW)));
	say("directory %d", error_of(open("GOOD", O_RDONLY | O_DIRECTORY)));
	say("neither %d", error_of(open("to-good", O_RDONLY | O_NOFOLLOW | O_DIRECTORY)));
	say("cloexec %d", fcntl(open("GOOD", O_RDONLY | O_CLOEXEC), F_GETFD));
	fd = open("GOOD", O_RDONLY);
	say("plain %d", fcntl(fd, F_GETFD) | (fcntl(fd, F_GETFL) & O_NONBLOCK));
	say("append %d", error_of(open_how("GOOD", O_WRONLY | O_APPEND, 0, size)));
	say("short %d", error_of(open_how("GOOD", O_RDONLY, 0, size - 1)));
	{
		struct open_how how[2] = { { .flags = O_RDONLY }, { .flags = 1 } };

		say("long %d", error_of(syscall(SYS_openat2, AT_FDCWD, "GOOD", how, sizeof(how))));
	}
	say("beneath %d", error_of(open_how("../GOOD", O_RDONLY, RESOLVE_BENEATH, size)));
	fd = open_how("/../GOOD", O_RDONLY, RESOLVE_IN_ROOT, size);
	say("in-root %s", fd >= 0 ? "good" : strerror(errno));
	fd = open("/", O_RDONLY | O_DIRECTORY);
	say("crossing %d", error_of(open_beneath(fd, "proc", RESOLVE_NO_XDEV)));
	say("staying %d", error_of(open_how("dir/..", O_RDONLY, RESOLVE_NO_XDEV, size)));
	fd = open("/proc", O_RDONLY | O_DIRECTORY);
	say("jumping %d", error_of(open_beneath(fd, "self/cwd", RESOLVE_NO_XDEV)));
	say("links %d", error_of(open_how("to-good", O_RDONLY, RESOLVE_NO_SYMLINKS, size)));
	say("missing %d", error_of(open("missing", O_RDONLY)));
	/* The flags come first: what there is not to be found does not matter. */
	say("together %d", error_of(open("nowhere/missing", O_TMPFILE | O_RDONLY, 0600)));
	say("how both %d", error_of(open_how("nowhere/missing", O_TMPFILE, 0, size)));
}

static pid_t begin_child(void (*body)(void))
{
	pid_t pid = fork();

	if (pid == 0) {
		body();
		_exit(0);
	}
	return pid;
}

#define SCOPED_TRIALS 20000

/* Until it is killed. */
static void move_to_and_fro(void)
{
	for (;;)
		if (rename("dir/a/b", "out/b") < 0 || rename("out/b", "dir/a/b") < 0)
			_exit(96);
}

/* The directory that a walk is in is moved to where two steps up is out of its scope. */
static void open_scoped(void)
{
	static const uint64_t scopes[] = { RESOLVE_BENEATH, RESOLVE_IN_ROOT };
	int fd, found, out = 0, lost = 0;
	pid_t pid;

	if (mkdir("dir/a", 0700) < 0 || mkdir("dir/a/b", 0700) < 0 || mkdir("out", 0700) < 0 ||
	    mkdir("dir/a/b/c", 0700) < 0 || (fd = open("dir", O_RDONLY | O_DIRECTORY)) < 0)
		_exit(97);
	pid = begin_child(move_to_and_fro);
	for (int i = 0; i < SCOPED_TRIALS && lost < 20; i++) {
		found = open_beneath(fd, "a/b/c/../c/../c/../c/../../../GOOD", scopes[i % 2]);
		lost += found < 0 && (errno == EAGAIN || errno == EXDEV);
		out += found >= 0;
		close(found);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	say("out of scope %d, lost %s", out, lost ? "some" : "none");
	say("in scope %d", error_of(open_beneath(fd, "a/../a/..", RESOLVE_BENEATH)));
}

static int open_again(int fd)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY);
}

static void open_self(void)
{
	char comm[32] = "";
	int fd = open("/proc/self/comm", O_RDONLY), pair[2];

	if (fd < 0 || read(fd, comm, sizeof(comm) - 1) < 0 || pipe(pair) < 0)
		_exit(97);
	comm[strcspn(comm, "\n")] = '\0';
	say("comm %s", comm);
	if (dup2(pair[0], STDIN_FILENO) < 0)
		_exit(97);
	say("stdin %d", error_of(open("/dev/stdin", O_RDONLY | O_NONBLOCK)));
	say("exe %d", error_of(open("/proc/self/exe", O_RDONLY)));
	say("memory %d", error_of(open_again(memfd_create("memory", MFD_CLOEXEC))));
	fd = open("gone", O_RDWR | O_CREAT, 0600);
	if (unlink("gone") < 0)
		_exit(97);
	say("gone %d", error_of(open_again(fd)));
}

/* The warden is this process's parent. */
static void open_keeper(void)
{
	static const char *const what[] = { "mem", "fd", "cwd" };
	char path[64];

	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "/proc/%d/%s%s", (int)getppid(), what[i],
			 i == 1 ? "/0" : "");
		say("%s %s", what[i], open(path, O_RDONLY) < 0 ? "denied" : "open");
	}
}

static void open_path(void)
{
	say("path %d", error_of(open("GOOD", O_PATH)));
}

static void read_fifo(void)
{
	say_content("fifo", open("fifo", O_RDONLY));
}

static void open_fifo(void)
{
	int fd;

	if (mkfifo("fifo", 0600) < 0)
		_exit(97);
	begin_child(read_fifo);
	usleep(50000); /* not needed for the result: so that the reader mostly waits */
	say("beside %d", open("GOOD", O_RDONLY) >= 0);
	do {
		fd = open("fifo", O_WRONLY | O_NONBLOCK);
	} while (fd < 0 && errno == ENXIO && waitpid(-1, NULL, WNOHANG) == 0);
	if (fd >= 0 && write(fd, "good", 4) != 4)
		_exit(97);
	close(fd);
	while (wait(NULL) > 0)
		;
}

static void put_path(struct sockaddr_un *un, const char *path)
{
	memset(un, 0, sizeof(*un));
	un->sun_family = AF_UNIX;
	snprintf(un->sun_path, sizeof(un->sun_path), "%s", path);
}

static int bind_to(const char *path, int type)
{
	struct sockaddr_un un;
	int fd = socket(AF_UNIX, type, 0);

	put_path(&un, path);
	return bind(fd, (struct sockaddr *)&un, sizeof(un)) < 0 ? -1 : fd;
}

static long connect_to(const char *path)
{
	struct sockaddr_un un;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	put_path(&un, path);
	return connect(fd, (struct sockaddr *)&un, sizeof(un));
}

static void connect_again(void)
{
	say("connected %d", error_of(connect_to("socket")));
}

static void connect_wait(void)
{
	int fd = bind_to("socket", SOCK_STREAM);

	if (fd < 0 || listen(fd, 0) < 0 || connect_to("socket") < 0)
		_exit(97);
	begin_child(connect_again); /* the queue is full */
	usleep(50000);
	say("beside %d", open("GOOD", O_RDONLY) >= 0);
	if (accept(fd, NULL, NULL) < 0 || accept(fd, NULL, NULL) < 0)
		_exit(97);
	wait(NULL);
}

/* A socket that a policy says no to, made under a name that it does not know. */
static int bind_evil(int type)
{
	int fd = bind_to("harmless", type);

	if (fd < 0 || rename("harmless", "EVIL-socket") < 0)
		_exit(97);
	return fd;
}

/* "door" leads to what is good, until somebody else has it lead to what is not. */
static void swap_door(void)
{
	usleep(SLEEPS_US); /* so that who waits does so for a while */
	if (symlink("EVIL-socket", "new") < 0 || rename("new", "door") < 0)
		_exit(97);
}

static void connect_door(void)
{
	say("connected %d", error_of(connect_to("door")));
}

/* The link is another's before there is room where it led to when the call began. */
static void connect_swapped(void)
{
	int good = bind_to("socket", SOCK_STREAM), evil = bind_evil(SOCK_STREAM);
	struct pollfd there = { .fd = evil, .events = POLLIN };

	if (good < 0 || listen(good, 0) < 0 || listen(evil, 5) < 0 || connect_to("socket") < 0 ||
	    symlink("socket", "door") < 0)
		_exit(97);
	begin_child(connect_door);
	swap_door();
	if (accept(good, NULL, NULL) < 0)
		_exit(97);
	wait(NULL);
	say("astray %d", poll(&there, 1, 0));
}

static int full; /* a socket that can send no more before somebody hears */

static long send_to_door(int flags)
{
	static const char data[1500];
	struct sockaddr_un un;

	put_path(&un, "door");
	return sendto(full, data, sizeof(data), flags, (struct sockaddr *)&un, sizeof(un));
}

static void send_door(void)
{
	say("sent %d", error_of(send_to_door(0)));
}

static void send_swapped(void)
{
	int good = bind_to("socket", SOCK_DGRAM), evil = bind_evil(SOCK_DGRAM), least = 1;
	char byte;

	full = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (good < 0 || setsockopt(full, SOL_SOCKET, SO_SNDBUF, &least, sizeof(least)) < 0 ||
	    symlink("socket", "door") < 0)
		_exit(97);
	while (send_to_door(MSG_DONTWAIT) >= 0)
		;
	begin_child(send_door);
	swap_door();
	while (recv(good, &byte, 1, MSG_DONTWAIT) >= 0)
		;
	wait(NULL);
	say("astray %d", recv(evil, &byte, 1, MSG_DONTWAIT) >= 0);
}

/* Several at once, each of whom gets its turn. */
static void connect_many(void)
{
	int fd = bind_to("socket", SOCK_STREAM);

	if (fd < 0 || listen(fd, 0) < 0 || connect_to("socket") < 0)
		_exit(97);
	for (int i = 0; i < WAITERS; i++)
		begin_child(connect_again);
	usleep(SLEEPS_US);
	for (int i = 0; i <= WAITERS; i++)
		if (accept(fd, NULL, NULL) < 0)
			_exit(97);
	for (int i = 0; i < WAITERS; i++)
		wait(NULL);
}

/* More than are waited for: those beyond are told so. The others have nobody to hear them, and are ended. */
static void connect_crowd(void)
{
	pid_t crowd[CROWD];
	int fd = bind_to("socket", SOCK_STREAM);

	if (fd < 0 || listen(fd, 0) < 0 || connect_to("socket") < 0)
		_exit(97);
	for (int i = 0; i < CROWD; i++)
		crowd[i] = begin_child(connect_again);
	if (wait(NULL) < 0)
		_exit(97);
	usleep(SLEEPS_US);
	for (int i = 0; i < CROWD; i++)
		kill(crowd[i], SIGKILL);
	while (wait(NULL) > 0)
		;
}

static void on_signal(int signal)
{
	(void)signal;
}

/* What ends the waiting of who waits for room. */
static void connect_ended(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct timeval limit = { .tv_usec = 100000 };
	struct itimerval once = { .it_value = limit };
	struct sockaddr_un un;
	int fd = bind_to("socket", SOCK_STREAM), limited = socket(AF_UNIX, SOCK_STREAM, 0);

	put_path(&un, "socket");
	if (fd < 0 || listen(fd, 0) < 0 || connect_to("socket") < 0 ||
	    sigaction(SIGALRM, &action, NULL) < 0 || setitimer(ITIMER_REAL, &once, NULL) < 0 ||
	    setsockopt(limited, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0)
		_exit(97);
	say("signalled %d", error_of(connect_to("socket")));
	say("limited %d", error_of(connect(limited, (struct sockaddr *)&un, sizeof(un))));
}

static void wait_for_ever(void)
{
	connect_to("socket");
}

static void be_ended(void)
{
	int fd = bind_to("socket", SOCK_STREAM);

	if (fd < 0 || listen(fd, 0) < 0 || connect_to("socket") < 0)
		_exit(97);
	say("waits in %s", room);
	wait_for_ever();
}

static void die_waiting(void)
{
	int fd = bind_to("socket", SOCK_STREAM), status = 0;
	pid_t pid;

	if (fd < 0 || listen(fd, 0) < 0 || connect_to("socket") < 0)
		_exit(97);
	pid = begin_child(wait_for_ever);
	usleep(50000);
	kill(pid, SIGKILL);
	say("dead %d", waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
}

static void unix_paths(void)
{
	int fd = bind_to("socket", SOCK_STREAM);

	say("bind %d", error_of(fd));
	if (listen(fd, 5) < 0)
		_exit(97);
	say("connect %d", error_of(connect_to("socket")));
	say("evil bind %d", error_of(bind_to("EVIL-socket", SOCK_STREAM)));
	if (link("socket", "EVIL-link") < 0 || symlink("EVIL-link", "harmless") < 0)
		_exit(97);
	say("evil connect %d", error_of(connect_to("EVIL-link")));
	say("gone %d", error_of(connect_to("nobody")));
	say("again %d", error_of(bind_to("socket", SOCK_STREAM)));
	say("link %d", error_of(connect_to("harmless")));
}

/* What the socket itself has to say comes before what the address leads to. */
static void unix_order(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "missing" };
	const struct sockaddr *at = (const struct sockaddr *)&un;
	char longer[sizeof(un) + 1] = "";
	int in = socket(AF_INET, SOCK_STREAM, 0), stream = socket(AF_UNIX, SOCK_STREAM, 0);
	int file = open("GOOD", O_RDONLY);

	memcpy(longer, &un, sizeof(un));
	say("no socket %d", error_of(connect(file, at, sizeof(un))));
	say("no file %d", error_of(connect(99, at, sizeof(un))));
	say("stream %d", error_of((int)sendto(stream, "x", 1, 0, at, sizeof(un))));
	say("long %d", error_of(connect(stream, (const struct sockaddr *)longer, sizeof(longer))));
	memcpy(un.sun_path, "GOOD", sizeof("GOOD"));
	say("other %d", error_of(bind(in, at, sizeof(un))));
	say("taken %d", error_of(bind(stream, at, sizeof(un))));
}

static void say_received(const char *what, long sent, int fd)
{
	char text[64] = "";

	if (sent < 0)
		say("%s %d", what, errno);
	else if (recv(fd, text, sizeof(text) - 1, 0) < 0)
		say("%s was lost", what);
	else
		say("%s %ld %s", what, sent, text);
}

static void send_all(void)
{
	int to = bind_to("to", SOCK_DGRAM), fd = socket(AF_UNIX, SOCK_DGRAM, 0), pair[2];
	struct iovec iov[2] = { { "hello", 5 }, { "world", 5 } };
	struct mmsghdr many[2];
	struct sockaddr_un un;
	struct msghdr msg = {
		.msg_name = &un, .msg_namelen = sizeof(un), .msg_iov = iov, .msg_iovlen = 2
	};
	int n;

	put_path(&un, "to");
	say_received("sendto", sendto(fd, "hello", 5, 0, (struct sockaddr *)&un, sizeof(un)), to);
	say_received("sendmsg", sendmsg(fd, &msg, 0), to);
	many[0] = many[1] = (struct mmsghdr){ .msg_hdr = msg };
	n = sendmmsg(fd, many, 2, 0);
	say("sendmmsg %d %u", n, n > 0 ? many[0].msg_len : (unsigned)errno);
	say("no messages %ld", syscall(SYS_sendmmsg, fd, 8, 0, 0));
	say("no messages, no file %d", error_of(syscall(SYS_sendmmsg, 99, 8, 0, 0)));
	put_path(&un, "EVIL-to");
	say("evil %d", error_of(sendmsg(fd, &msg, 0)));
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 || close(pair[1]) < 0)
		_exit(97);
	signal(SIGPIPE, SIG_IGN);
	msg.msg_name = NULL;
	msg.msg_namelen = 0;
	say("pipe %d", error_of(sendmsg(pair[0], &msg, 0)));
	say("none %d", error_of(sendto(fd, "x", 1, 0, NULL, 0)));
}

static long connect_port(unsigned port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&in, sizeof(in));
}

/* Who is not root may do that in a user namespace, where there are such. */
static void leave(int namespaces)
{
	if (geteuid())
		namespaces |= CLONE_NEWUSER;
	if (unshare(namespaces) == 0)
		return;
	say("no namespaces");
	remove_room();
	_exit(0);
}

/* A directory with EVIL in its name, and in it what has none. */
static void make_evil_room(void)
{
	if (mkdir("EVIL-room", 0700) < 0 || rename("GOOD", "EVIL-room/GOOD") < 0 ||
	    rename("EVIL", "dir/EVIL") < 0 || mkdir("EVIL-room/empty", 0700) < 0)
		_exit(97);
}

static void in_evil_root(void)
{
	leave(0);
	if (chroot("EVIL-room") < 0 || chdir("/") < 0)
		_exit(97);
	say("absolute %d", error_of(open("/GOOD", O_RDONLY)));
	say("relative %d", error_of(open("GOOD", O_RDONLY)));
	say("new %d", error_of(open("/new", O_WRONLY | O_CREAT, 0600)));
	say("its socket %d", error_of(bind_to("/socket", SOCK_DGRAM)));
}

static void in_other_root(void)
{
	leave(0);
	if (chroot("dir") < 0 || chdir("/") < 0)
		_exit(97);
	say("evil %d", error_of(open("/EVIL", O_RDONLY)));
	say("honest %d", error_of(open("/good", O_WRONLY | O_CREAT, 0600)));
	say("again %d", error_of(open("good", O_RDONLY)));
	say("root %d", error_of(open("..", O_RDONLY)));
	say("socket %d", error_of(bind_to("socket", SOCK_DGRAM)));
}

static void other_roots(void)
{
	make_evil_room();
	begin_child(in_evil_root);
	wait(NULL);
	begin_child(in_other_root);
	wait(NULL);
	if (rename("EVIL-room", "room") < 0) /* so that it can be removed */
		_exit(97);
}

static void in_other_mounts(void)
{
	leave(CLONE_NEWNS);
	say("file %d", error_of(open("dir", O_RDONLY)));
	say("unix %d", error_of(bind_to("socket", SOCK_DGRAM)));
	say("port %d", error_of(connect_port(1)));
}

/* What is at `dir` there is EVIL-room here; it is held there until the process is killed. */
static void mount_elsewhere(int ready)
{
	leave(CLONE_NEWNS);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("EVIL-room", "dir", NULL, MS_BIND, NULL) < 0 || chdir("dir") < 0 ||
	    write(ready, "", 1) != 1)
		_exit(97);
	for (;;)
		pause();
}

static void other_mounts(void)
{
	char path[64], byte;
	int ready[2];
	pid_t pid;

	make_evil_room();
	if (rename("dir/EVIL", "EVIL") < 0 || pipe2(ready, O_CLOEXEC))
		_exit(97);
	begin_child(in_other_mounts);
	wait(NULL);
	pid = fork();
	if (pid == 0)
		mount_elsewhere(ready[1]);
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		return;
	snprintf(path, sizeof(path), "/proc/%d/cwd/GOOD", (int)pid);
	say("by a link %d", error_of(open(path, O_RDONLY)));
	snprintf(path, sizeof(path), "/proc/%d/cwd", (int)pid);
	if (chdir(path) < 0)
		_exit(97);
	say("from its directory %d", error_of(open("GOOD", O_RDONLY)));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	say("by our own %d", error_of(open(room, O_RDONLY)));
	if (chdir(room) < 0 || rename("EVIL-room", "room") < 0)
		_exit(97);
}

/* In images that are laid out alike it has the same address. */
static struct mmsghdr sent_last;

static void exec_self(const char *what)
{
	char *argv[] = { "deep_test", "behave", (char *)what, NULL };

	remove_room();
	execv("/proc/self/exe", argv);
	_exit(97);
}

static void reply_begin(void)
{
	if (personality(ADDR_NO_RANDOMIZE) < 0)
		_exit(97);
	exec_self("reply-waits");
}

static void *exec_beside(void *unused)
{
	(void)unused;
	usleep(300000); /* nothing tells that the other thread waits in its call */
	exec_self("reply-seen");
	return NULL;
}

/* More than there is room for: a part is sent, and the call waits until this image is no more. */
static void reply_waits(void)
{
	static char many[256u << 10];
	struct iovec iov = { many, sizeof(many) };
	pthread_t thread;
	int pair[2];

	sent_last.msg_hdr = (struct msghdr){ .msg_iov = &iov, .msg_iovlen = 1 };
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 ||
	    pthread_create(&thread, NULL, exec_beside, NULL))
		_exit(97);
	for (;;) /* who is stopped in its call may come back with a part */
		if (sendmmsg(pair[0], &sent_last, 1, 0) < 0)
			_exit(97);
}

static void reply_seen(void)
{
	usleep(1000000); /* the call's end is told to nobody */
	say("reply %u", sent_last.msg_len);
}

static void inet(void)
{
	say("evil %d", error_of(connect_port(666)));
	say("refused %d", error_of(connect_port(1)));
}

/* To sends and binds that means AF_INET; to connect it means nobody. */
static void inet_unspecified(void)
{
	struct sockaddr_in in = { .sin_family = AF_UNSPEC, .sin_port = htons(666) };
	const struct sockaddr *at = (const struct sockaddr *)&in;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	say("evil bind %d", error_of(bind(fd, at, sizeof(in))));
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	say("evil send %d", error_of(sendto(fd, "x", 1, 0, at, sizeof(in))));
	say("nobody %d", error_of(connect(fd, at, sizeof(in))));
	say("short %d", error_of(sendto(fd, "x", 1, 0, at, sizeof(in) - 1)));
	in.sin_port = htons(9);
	say("good send %d", error_of(sendto(fd, "x", 1, 0, at, sizeof(in))));
}

static void rights(void)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { "x", 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		_exit(97);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &pair[1], sizeof(int));
	say("rights %d", error_of(sendmsg(pair[0], &msg, 0)));
}

static void lie_about_messages(int fd, char *bad)
{
	struct iovec iov = { bad, 8 }, wide[2] = { { bad, SIZE_MAX }, { bad, 2 } };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	say("sendmsg %d", error_of(syscall(SYS_sendmsg, fd, bad, 0)));
	say("iov %d", error_of(syscall(SYS_sendmsg, fd, &msg, 0)));
	msg.msg_iovlen = 1u << 20;
	say("many %d", error_of(syscall(SYS_sendmsg, fd, &msg, 0)));
	msg.msg_iov = wide;
	msg.msg_iovlen = 2;
	say("wide %d", error_of(syscall(SYS_sendmsg, fd, &msg, 0)));
}

static void lies(void)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	char *map =
		mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *bad = map + size, *edge = bad - 3;
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0), pair[2];

	if (map == MAP_FAILED || munmap(bad, size) < 0 ||
	    socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) < 0)
		_exit(97);
	memset(edge, 'a', 3);
	say("open %d", error_of(syscall(SYS_openat, AT_FDCWD, bad, 0)));
	say("edge %d", error_of(syscall(SYS_openat, AT_FDCWD, edge, 0)));
	say("openat2 %d", error_of(syscall(SYS_openat2, AT_FDCWD, "GOOD", bad, 24)));
	say("connect %d", error_of(syscall(SYS_connect, fd, edge, 16)));
	say("long %d", error_of(syscall(SYS_connect, fd, map, 129)));
	say("negative %d", error_of(syscall(SYS_bind, fd, map, -1)));
	say("sendto %d", error_of(syscall(SYS_sendto, fd, "x", 1, 0, bad, 16)));
	lie_about_messages(pair[0], bad);
	say_content("alive", open("GOOD", O_RDONLY));
}

static void other_uid(void)
{
	int fd = open("secret", O_WRONLY | O_CREAT | O_EXCL, 0600);

	if (fd < 0 || chmod(room, 0755) < 0 || setresuid(1000, 1000, 1000) < 0)
		_exit(97);
	say("secret %d", error_of(open("secret", O_RDONLY)));
	*room = '\0'; /* it can no longer remove it */
}

static void be_closed(void)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		_exit(97);
}

/* Into a process of the same user that is closed to all but CAP_SYS_PTRACE. */
static void peek(void)
{
	int ready[2];
	char path[64], byte;
	pid_t pid;

	if (pipe(ready) < 0)
		_exit(97);
	pid = fork();
	if (pid == 0) {
		be_closed();
		if (write(ready[1], "", 1) != 1)
			_exit(97);
		for (;;)
			pause();
	}
	if (read(ready[0], &byte, 1) != 1)
		_exit(97);
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	say("maps %d", error_of(open(path, O_RDONLY)));
	snprintf(path, sizeof(path), "/proc/%d/cwd/GOOD", (int)pid);
	say("cwd %d", error_of(open(path, O_RDONLY)));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	say_content("own", open("GOOD", O_RDONLY));
}

static void closed(void)
{
	be_closed();
	say_content("closed", open("GOOD", O_RDONLY));
	say("socket %d", error_of(bind_to("socket", SOCK_DGRAM)));
}

static _Noreturn void behave(const char *what)
{
	static const struct {
		const char *name;
		void (*body)(void);
	} all[] = {
		{ "open-plain", open_plain },
		{ "open-create", open_create },
		{ "open-flags", open_flags },
		{ "open-self", open_self },
		{ "open-scoped", open_scoped },
		{ "open-keeper", open_keeper },
		{ "open-path", open_path },
		{ "open-fifo", open_fifo },
		{ "connect-wait", connect_wait },
		{ "connect-many", connect_many },
		{ "connect-crowd", connect_crowd },
		{ "connect-ended", connect_ended },
		{ "connect-swapped", connect_swapped },
		{ "send-swapped", send_swapped },
		{ "be-ended", be_ended },
		{ "die-waiting", die_waiting },
		{ "unix", unix_paths },
		{ "unix-order", unix_order },
		{ "send", send_all },
		{ "reply", reply_begin },
		{ "reply-waits", reply_waits },
		{ "reply-seen", reply_seen },
		{ "inet", inet },
		{ "inet-unspecified", inet_unspecified },
		{ "rights", rights },
		{ "other-roots", other_roots },
		{ "other-mounts", other_mounts },
		{ "lies", lies },
		{ "other-uid", other_uid },
		{ "peek", peek },
		{ "closed", closed },
	};

	make_room();
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(all[i].name, what))
			all[i].body();
	remove_room();
	_exit(0);
}

#endif
