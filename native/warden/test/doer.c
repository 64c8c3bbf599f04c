// SPDX-License-Identifier: Apache-2.0
/*
 * Does what its words say, one deed each, and says of each what came of it: "read /etc/passwd: ok", or
 * the errno's name. Static and plain, so that it needs no file but its own.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int opened(int fd)
{
	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

static int do_read(char **w)
{
	return opened(open(w[0], O_RDONLY));
}

static int do_write(char **w)
{
	return opened(open(w[0], O_WRONLY));
}

static int do_both(char **w)
{
	return opened(open(w[0], O_RDWR));
}

static int do_empty(char **w)
{
	return opened(open(w[0], O_RDONLY | O_TRUNC));
}

/* Access mode 3, which is to have both permissions and gives neither to the descriptor. */
static int do_third(char **w)
{
	return opened(open(w[0], O_ACCMODE));
}

static int do_third_empty(char **w)
{
	return opened(open(w[0], O_ACCMODE | O_TRUNC));
}

static int do_third_nameless(char **w)
{
	return opened(open(w[0], O_ACCMODE | O_TMPFILE, 0600));
}

static int do_third_how(char **w)
{
	struct open_how how = { .flags = O_ACCMODE };

	return opened((int)syscall(SYS_openat2, AT_FDCWD, w[0], &how, sizeof(how)));
}

static int do_list(char **w)
{
	return opened(open(w[0], O_RDONLY | O_DIRECTORY));
}

static int do_path(char **w)
{
	return opened(open(w[0], O_PATH));
}

static int do_create(char **w)
{
	return opened(open(w[0], O_WRONLY | O_CREAT | O_EXCL, 0600));
}

static int do_make(char **w)
{
	return opened(open(w[0], O_WRONLY | O_CREAT, 0600));
}

static int do_make_both(char **w)
{
	return opened(open(w[0], O_RDWR | O_CREAT, 0600));
}

static int do_nameless(char **w)
{
	return opened(open(w[0], O_RDWR | O_TMPFILE, 0600));
}

static int do_mkdir(char **w)
{
	return mkdir(w[0], 0700);
}

static int do_rmdir(char **w)
{
	return rmdir(w[0]);
}

static int do_unlink(char **w)
{
	return unlink(w[0]);
}

static int do_rename(char **w)
{
	return rename(w[0], w[1]);
}

static int do_exchange(char **w)
{
	return renameat2(AT_FDCWD, w[0], AT_FDCWD, w[1], RENAME_EXCHANGE);
}

static int do_link(char **w)
{
	return link(w[0], w[1]);
}

static int do_symlink(char **w)
{
	return symlink(w[0], w[1]);
}

static int do_fifo(char **w)
{
	return mkfifo(w[0], 0600);
}

/* That of /dev/null. */
static int do_char(char **w)
{
	return mknod(w[0], S_IFCHR | 0600, makedev(1, 3));
}

static int do_block(char **w)
{
	return mknod(w[0], S_IFBLK | 0600, makedev(7, 0));
}

/* What overlays take for a name that is gone: anybody may make it. */
static int do_whiteout(char **w)
{
	return mknod(w[0], S_IFCHR | 0600, makedev(0, 0));
}

static int do_chmod(char **w)
{
	return chmod(w[0], 0600);
}

static int do_fchmod(char **w)
{
	int fd = open(w[0], O_RDONLY), result;

	if (fd < 0)
		return -1;
	result = fchmod(fd, 0600);
	close(fd);
	return result;
}

static int do_truncate(char **w)
{
	return truncate(w[0], 0);
}

static int do_touch(char **w)
{
	return utimensat(AT_FDCWD, w[0], NULL, 0);
}

static int do_touch_link(char **w)
{
	return utimensat(AT_FDCWD, w[0], NULL, AT_SYMLINK_NOFOLLOW);
}

static int do_touch_open(char **w)
{
	int fd = open(w[0], O_RDONLY), result;

	if (fd < 0)
		return -1;
	result = futimens(fd, NULL);
	close(fd);
	return result;
}

/* Through another way to the same file. */
static int do_reopen(char **w)
{
	char link[32];
	int fd = open(w[0], O_PATH), result;

	if (fd < 0)
		return -1;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	result = opened(open(link, O_RDONLY));
	close(fd);
	return result;
}

static int child_errno(pid_t pid)
{
	int status = 0;

	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	if (WIFSIGNALED(status)) {
		errno = ECANCELED;
		return -1;
	}
	errno = WEXITSTATUS(status);
	return errno ? -1 : 0;
}

/* The program gets no words and is to end with 0. */
static int do_run(char **w)
{
	pid_t pid = fork();

	if (pid == 0) {
		char *argv[] = { w[0], NULL };

		execv(w[0], argv);
		_exit(errno);
	}
	return child_errno(pid);
}

/* A program without a name, of the bytes of one that has one. */
static int do_run_nameless(char **w)
{
	int from = open(w[0], O_RDONLY), to = memfd_create("x", 0);
	char *argv[] = { w[0], NULL }, room[4096];
	ssize_t n;
	pid_t pid;

	if (from < 0 || to < 0)
		return -1;
	while ((n = read(from, room, sizeof(room))) > 0)
		if (write(to, room, (size_t)n) != n)
			return -1;
	close(from);
	pid = fork();
	if (pid == 0) {
		fexecve(to, argv, environ);
		_exit(errno);
	}
	close(to);
	return child_errno(pid);
}

static socklen_t address_of(const char *text, struct sockaddr_storage *out)
{
	struct sockaddr_in *four = (struct sockaddr_in *)out;
	char copy[64], *colon;

	memset(out, 0, sizeof(*out));
	snprintf(copy, sizeof(copy), "%s", text);
	colon = strrchr(copy, ':');
	if (!colon)
		exit(2);
	*colon = '\0';
	four->sin_family = AF_INET;
	four->sin_port = htons((uint16_t)atoi(colon + 1));
	if (inet_pton(AF_INET, copy, &four->sin_addr) != 1)
		exit(2);
	return sizeof(*four);
}

static int with_socket(int domain, int type, int (*deed)(int, const struct sockaddr *, socklen_t),
		       const void *address, socklen_t size)
{
	int fd = socket(domain, type, 0), result, error;

	if (fd < 0)
		return -1;
	result = deed(fd, address, size);
	error = errno;
	close(fd);
	errno = error;
	return result;
}

/* AF_UNSPEC: an address of IPv4 without its family, which to sends and binds is the same. */
static int with_endpoint(const char *text, sa_family_t family, int type,
			 int (*deed)(int, const struct sockaddr *, socklen_t))
{
	struct sockaddr_storage a;
	socklen_t size = address_of(text, &a);

	a.ss_family = family;
	return with_socket(AF_INET, type, deed, &a, size);
}

/* Nobody listens there: it was let through. */
static int reach(int fd, const struct sockaddr *address, socklen_t size)
{
	int result = connect(fd, address, size);

	return result < 0 && errno == ECONNREFUSED ? 0 : result;
}

static int send_there(int fd, const struct sockaddr *address, socklen_t size)
{
	return sendto(fd, "x", 1, 0, address, size) == 1 ? 0 : -1;
}

static int send_message(int fd, const struct sockaddr *address, socklen_t size)
{
	struct iovec piece = { "x", 1 };
	struct msghdr m = {
		.msg_name = (void *)address, .msg_namelen = size, .msg_iov = &piece, .msg_iovlen = 1
	};

	return sendmsg(fd, &m, 0) == 1 ? 0 : -1;
}

static int do_tcp(char **w)
{
	return with_endpoint(w[0], AF_INET, SOCK_STREAM, reach);
}

static int do_udp(char **w)
{
	return with_endpoint(w[0], AF_INET, SOCK_DGRAM, reach);
}

static int do_send(char **w)
{
	return with_endpoint(w[0], AF_INET, SOCK_DGRAM, send_there);
}

static int do_message(char **w)
{
	return with_endpoint(w[0], AF_INET, SOCK_DGRAM, send_message);
}

static int do_bind(char **w)
{
	return with_endpoint(w[0], AF_INET, SOCK_STREAM, bind);
}

static int do_send_unspec(char **w)
{
	return with_endpoint(w[0], AF_UNSPEC, SOCK_DGRAM, send_there);
}

static int do_message_unspec(char **w)
{
	return with_endpoint(w[0], AF_UNSPEC, SOCK_DGRAM, send_message);
}

static int do_bind_unspec(char **w)
{
	return with_endpoint(w[0], AF_UNSPEC, SOCK_STREAM, bind);
}

/* It is connected to nobody afterwards. */
static int do_udp_unspec(char **w)
{
	return with_endpoint(w[0], AF_UNSPEC, SOCK_DGRAM, reach);
}

static int do_socket(char **w)
{
	return opened(socket(atoi(w[0]), SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

static int do_unix(char **w)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", w[0]);
	return with_socket(AF_UNIX, SOCK_STREAM, reach, &a, sizeof(a));
}

static int do_serve(char **w)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", w[0]);
	return with_socket(AF_UNIX, SOCK_STREAM, bind, &a, sizeof(a));
}

/* By number, without arguments that could do something. */
static int do_call(char **w)
{
	return syscall(atoi(w[0]), -1, -1, -1, -1) < 0 ? -1 : 0;
}

static int do_ioctl(char **w)
{
	int fd = open("/dev/null", O_RDONLY), result;

	if (fd < 0)
		return -1;
	result = ioctl(fd, strtoul(w[0], NULL, 0), NULL);
	close(fd);
	return result;
}

static int do_fork(char **w)
{
	pid_t pid = fork();

	(void)w;
	if (pid == 0)
		_exit(0);
	return child_errno(pid);
}

static int do_clone3(char **w)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	(void)w;
	if (pid == 0)
		_exit(0);
	return child_errno(pid);
}

/* Another user, for good; groups stay. */
static int do_become(char **w)
{
	int id = atoi(w[0]);

	return (int)syscall(SYS_setresuid, id, id, id);
}

static const struct deed {
	const char *name;
	int words;
	int (*run)(char **words);
} deeds[] = {
	{ "read", 1, do_read },
	{ "write", 1, do_write },
	{ "both", 1, do_both },
	{ "empty", 1, do_empty },
	{ "third", 1, do_third },
	{ "third-empty", 1, do_third_empty },
	{ "third-nameless", 1, do_third_nameless },
	{ "third-how", 1, do_third_how },
	{ "list", 1, do_list },
	{ "path", 1, do_path },
	{ "create", 1, do_create },
	{ "make", 1, do_make },
	{ "make-both", 1, do_make_both },
	{ "nameless", 1, do_nameless },
	{ "mkdir", 1, do_mkdir },
	{ "rmdir", 1, do_rmdir },
	{ "unlink", 1, do_unlink },
	{ "rename", 2, do_rename },
	{ "exchange", 2, do_exchange },
	{ "link", 2, do_link },
	{ "symlink", 2, do_symlink },
	{ "fifo", 1, do_fifo },
	{ "char", 1, do_char },
	{ "block", 1, do_block },
	{ "whiteout", 1, do_whiteout },
	{ "chmod", 1, do_chmod },
	{ "fchmod", 1, do_fchmod },
	{ "truncate", 1, do_truncate },
	{ "touch", 1, do_touch },
	{ "touch-link", 1, do_touch_link },
	{ "touch-open", 1, do_touch_open },
	{ "reopen", 1, do_reopen },
	{ "run", 1, do_run },
	{ "run-nameless", 1, do_run_nameless },
	{ "tcp", 1, do_tcp },
	{ "udp", 1, do_udp },
	{ "send", 1, do_send },
	{ "message", 1, do_message },
	{ "bind", 1, do_bind },
	{ "send-unspec", 1, do_send_unspec },
	{ "message-unspec", 1, do_message_unspec },
	{ "bind-unspec", 1, do_bind_unspec },
	{ "udp-unspec", 1, do_udp_unspec },
	{ "socket", 1, do_socket },
	{ "unix", 1, do_unix },
	{ "serve", 1, do_serve },
	{ "call", 1, do_call },
	{ "ioctl", 1, do_ioctl },
	{ "fork", 0, do_fork },
	{ "clone3", 0, do_clone3 },
	{ "become", 1, do_become },
};

static const struct deed *find(const char *name)
{
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++)
		if (!strcmp(deeds[i].name, name))
			return &deeds[i];
	return NULL;
}

int main(int argc, char **argv)
{
	char line[512];

	for (int i = 1; i < argc;) {
		const struct deed *d = find(argv[i]);
		int result, n;

		if (!d || i + d->words >= argc)
			return 2;
		errno = 0;
		result = d->run(argv + i + 1);
		n = snprintf(line, sizeof(line), "%s %s%s%s: %s\n", d->name,
			     d->words ? argv[i + 1] : "", d->words > 1 ? " " : "",
			     d->words > 1 ? argv[i + 2] : "",
			     result ? strerrorname_np(errno) : "ok");
		if (write(STDOUT_FILENO, line, (size_t)n) != n)
			return 1;
		i += 1 + d->words;
	}
	return 0;
}
