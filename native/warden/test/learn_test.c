// SPDX-License-Identifier: Apache-2.0
/*
 * What `warden learn` writes of commands whose deeds are known, as root and as another user. The
 * commands are this program with other words.
 */
#include "profile/profile.h"

#include "slurp.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/filter.h>
#include <linux/limits.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OTHER_UID  1000
#define ROUNDS	   3000
#define LIMIT_S	   60
#define PORT	   9 /* discard (RFC 863): nobody listens, and UDP does not mind */
#define WORDS_MOST 48
#define NO_SUCH	   77 /* what is to be done cannot be done here */

static const char *self, *warden, *doer;
static char home[] = "/tmp/learn-test-XXXXXX";
static char profile[64], text[1 << 20], said[1 << 16];

/* --- commands --------------------------------------------------------------------------------- */

static int touch(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0644);

	return fd < 0 ? -1 : close(fd);
}

static int be_reader(void)
{
	int fd = open("known", O_RDONLY), other = open("absent", O_RDONLY);

	return fd >= 0 && other < 0 ? 0 : 1;
}

static int be_writer(void)
{
	bool good = !mkdir("new", 0755) && !touch("new/deep") && !touch("old/another") &&
		    !truncate("changed", 1) && !chmod("moded", 0600) && !unlink("old/gone") &&
		    !rename("from/name", "to/name") && !symlink("nowhere", "links/one");

	return good ? 0 : 1;
}

static char shared[PATH_MAX];
static atomic_bool over;

/* Keeps the last letter of the name changing under who reads it. */
static void *flip(void *at)
{
	volatile char *letter = at;

	while (!atomic_load(&over))
		*letter = *letter == 'A' ? 'B' : 'A';
	return NULL;
}

/* Says what it really had, of two files and two directories that a call was aimed at. */
static int be_liar(void)
{
	unsigned opened[2] = { 0 }, made[2] = { 0 };
	struct stat a, b, st;
	pthread_t thread;

	if (stat("flip-A", &a) || stat("flip-B", &b))
		return 1;
	strcpy(shared, "flip-A");
	if (pthread_create(&thread, NULL, flip, &shared[5]))
		return 1;
	for (int i = 0; i < ROUNDS; i++) {
		int fd = open(shared, O_RDONLY);

		if (fd < 0 || fstat(fd, &st))
			return 1;
		opened[st.st_ino == b.st_ino]++;
		close(fd);
	}
	atomic_store(&over, true);
	pthread_join(thread, NULL);
	atomic_store(&over, false);
	strcpy(shared, "dir-A/name");
	if (pthread_create(&thread, NULL, flip, &shared[4]))
		return 1;
	for (int i = 0; i < 50; i++) {
		if (mkdir(shared, 0755))
			continue;
		made[0] += !rmdir("dir-A/name");
		made[1] += !rmdir("dir-B/name");
	}
	atomic_store(&over, true);
	pthread_join(thread, NULL);
	printf("opened %u %u made %u %u\n", opened[0], opened[1], made[0], made[1]);
	return 0;
}

static int held_fd, written_fd;

/* Puts a file that is open for writing under the number of whatever is there. */
static void *swap(void *unused)
{
	(void)unused;
	while (!atomic_load(&over))
		dup2(written_fd, held_fd);
	return NULL;
}

/* Opens for reading what becomes another file, opened for writing, before anybody can look. */
static int be_swapper(void)
{
	pthread_t thread;

	written_fd = open("changed", O_WRONLY);
	held_fd = dup(written_fd);
	if (written_fd < 0 || held_fd < 0 || pthread_create(&thread, NULL, swap, NULL))
		return 1;
	for (int i = 0; i < ROUNDS; i++) {
		int fd;

		close(held_fd);
		fd = open("known", O_RDONLY);
		if (fd < 0)
			return 1;
		if (fd != held_fd)
			close(fd);
	}
	atomic_store(&over, true);
	pthread_join(thread, NULL);
	return 0;
}

static void *open_much(void *name)
{
	for (int i = 0; i < ROUNDS; i++) {
		int fd = open(name, O_RDONLY);

		if (fd < 0 || close(fd) < 0)
			return name;
	}
	return NULL;
}

/* Two threads open and close, so that each gets the number that the other has given up. */
static int be_sharer(void)
{
	int fd = open("held", O_RDONLY);
	pthread_t thread;
	void *missed;

	if (fd < 0 || pthread_create(&thread, NULL, open_much, "known"))
		return 1;
	if (open_much("changed") || pthread_join(thread, &missed) || missed ||
	    pthread_create(&thread, NULL, open_much, "known"))
		return 1;
	/* Nobody closes this one meanwhile. */
	return fchmod(fd, 0600) || pthread_join(thread, &missed) || missed;
}

static int send_to(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ssize_t n;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	n = sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to));
	close(fd);
	return n == 1 ? 0 : 1;
}

static char stack[2][1 << 16]; /* the child's grows down from the middle */
static pid_t beside;

static int stay(void *unused)
{
	(void)unused;
	while (pause() < 0)
		;
	return 0;
}

static pid_t make(int flags)
{
	return clone(stay, stack[1], flags, NULL);
}

/* Whoever was made beside us meanwhile may have other plans with the address. */
static int send_and_end(void)
{
	int result = send_to(PORT);

	if (beside > 0 && kill(beside, SIGKILL))
		return 1;
	while (wait(NULL) > 0)
		;
	return result;
}

/* When it has come to a good end. */
static int send_behind(pid_t pid)
{
	int status;

	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 ? send_to(PORT) : 1;
}

/* By another process that has a part of ours. */
static int be_twin(int part)
{
	beside = make(part | SIGCHLD);
	return beside > 0 ? send_and_end() : 1;
}

/* Somebody is left in our memory by a child that had it and us waiting. */
static int be_lender(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		beside = make(CLONE_VM | SIGCHLD);
		_exit(beside < 0);
	}
	return pid > 0 && beside > 0 ? send_and_end() : 1;
}

/* The same by a thread, whose process goes on when its first thread has ended. */
static int be_thread_lender(void)
{
	pid_t pid = vfork();

	if (pid == 0)
		syscall(SYS_exit, make(CLONE_VM | CLONE_SIGHAND | CLONE_THREAD) < 0);
	beside = pid;
	return pid > 0 ? send_and_end() : 1;
}

/* Whoever has another root or other mounts opens the memory of a process, as others do. */
static int be_meddler(bool elsewhere)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (elsewhere && unshare(geteuid() ? CLONE_NEWUSER | CLONE_NEWNS : CLONE_NEWNS))
			_exit(1);
		_exit(open("/proc/self/mem", O_RDWR | O_CLOEXEC) < 0);
	}
	return send_behind(pid);
}

/* It could be that the kernel still writes its memory. */
static int be_submitter(void)
{
	aio_context_t context = 0;

	if (syscall(SYS_io_setup, 1, &context) || syscall(SYS_io_submit, context, 0, NULL))
		return 1;
	return send_to(PORT);
}

/* Nobody is left. */
static int be_vforker(void)
{
	pid_t pid = vfork();

	if (pid == 0)
		_exit(0);
	return send_behind(pid);
}

static socklen_t name_socket(struct sockaddr_un *at, const char *path)
{
	*at = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(at->sun_path, sizeof(at->sun_path), "%s", path);
	return sizeof(*at);
}

static int serve(const char *path, int type)
{
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	struct sockaddr_un at;
	socklen_t size = name_socket(&at, path);

	if (bind(fd, (struct sockaddr *)&at, size) ||
	    (type == SOCK_STREAM && listen(fd, SOMAXCONN)))
		return -1;
	return fd;
}

static int reach(const char *path)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), result;
	struct sockaddr_un at;
	socklen_t size = name_socket(&at, path);

	result = connect(fd, (struct sockaddr *)&at, size);
	close(fd);
	return result;
}

/* Makes a link lead to one thing and another, until it is killed. */
static pid_t lead_astray(const char *link, const char *one, const char *other)
{
	pid_t pid = symlink(one, link) ? -1 : fork();

	for (unsigned i = 0; pid == 0; i++)
		if (symlink(i % 2 ? one : other, "astray") || rename("astray", link))
			_exit(1);
	return pid;
}

static int end_beside(pid_t pid, int result)
{
	return pid <= 0 || kill(pid, SIGKILL) || waitpid(pid, NULL, 0) != pid ? 1 : result;
}

/* Is connected with its own socket only, by a link that leads to somebody else's meanwhile. */
static int be_misled(void)
{
	int server = serve("own", SOCK_STREAM), fd;
	pid_t pid = lead_astray("leads", "own", "theirs");

	if (server < 0)
		return end_beside(pid, 1);
	for (int i = 0; i < ROUNDS; i++)
		if (!reach("leads") && (fd = accept(server, NULL, NULL)) >= 0)
			close(fd);
	return end_beside(pid, 0);
}

/* Takes a name in a directory of its own, by a link that leads to somebody else's meanwhile. */
static int be_misplaced(void)
{
	pid_t pid = lead_astray("leads", "dir-A", "full");
	int fd;

	for (int i = 0; i < ROUNDS; i++)
		if ((fd = serve("leads/taken", SOCK_STREAM)) >= 0 &&
		    (close(fd) || unlink("dir-A/taken")))
			return end_beside(pid, 1);
	return end_beside(pid, 0);
}

static int execute(const char *path)
{
	char *words[] = { (char *)path, NULL };
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execv(path, words);
		_exit(1);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid ? status : -1;
}

/* Executes a script by a link that leads to another meanwhile, which nobody may execute. */
static int be_misread(void)
{
	pid_t pid = lead_astray("leads", "script", "plain-script");
	int done = 0;

	for (int i = 0; i < ROUNDS / 20; i++)
		done += !execute("./leads");
	return end_beside(pid, !done);
}

/* A script of a script, while somebody else is there. */
static int be_runner(void)
{
	pid_t pid = fork();

	if (pid == 0)
		stay(NULL);
	return end_beside(pid, execute("./nested-script"));
}

/* By a way that leads elsewhere for each who asks. */
static int be_insider(void)
{
	return chdir("dir-A") || serve("theirs", SOCK_STREAM) < 0 || reach("/proc/self/cwd/theirs");
}

/* Somebody else is there, and changes nothing. */
static int be_client(void)
{
	struct sockaddr_un to;
	socklen_t size = name_socket(&to, "hears");
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), good;
	pid_t pid = fork();

	if (pid == 0)
		stay(NULL);
	good = !reach("serves") && sendto(fd, "x", 1, 0, (struct sockaddr *)&to, size) == 1;
	return end_beside(pid, !good);
}

static void *idle(void *unused)
{
	(void)unused;
	while (!atomic_load(&over))
		usleep(1000);
	return NULL;
}

/* As getaddrinfo(3) asks for the address that it would have there. */
static int be_resolver(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	pthread_t thread;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return pthread_create(&thread, NULL, idle, NULL) ||
	       connect(fd, (struct sockaddr *)&to, sizeof(to));
}

/* By a protocol that is neither TCP nor UDP: what ping(8) has, or what everybody may have. */
static int be_pinger(void)
{
	static const int kinds[][2] = { { SOCK_RAW, IPPROTO_ICMP },
					{ SOCK_DGRAM, IPPROTO_ICMP },
					{ SOCK_STREAM, IPPROTO_MPTCP } };
	struct sockaddr_in to = { .sin_family = AF_INET };
	int fd = -1;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (size_t i = 0; fd < 0 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		fd = socket(AF_INET, kinds[i][0] | SOCK_CLOEXEC, kinds[i][1]);
		to.sin_port = htons(kinds[i][0] == SOCK_STREAM ? PORT : 0);
	}
	/* Nobody may be there. */
	return fd < 0 ? NO_SUCH
		      : connect(fd, (struct sockaddr *)&to, sizeof(to)) && errno != ECONNREFUSED;
}

static int be_talker(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT + 1) };
	struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = "sockets/here" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int local = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof(to);
	pthread_t thread;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (send_to(PORT) || connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return 1;
	if (bind(local, (struct sockaddr *)&at, sizeof(at)))
		return 1;
	to.sin_port = 0;
	if (bind(server, (struct sockaddr *)&to, sizeof(to)) || listen(server, 1) ||
	    getsockname(server, (struct sockaddr *)&to, &size))
		return 1;
	/* With a second thread an address in memory proves nothing, but a connection does. */
	if (pthread_create(&thread, NULL, idle, NULL) || send_to(PORT + 2) ||
	    connect(client, (struct sockaddr *)&to, sizeof(to)))
		return 1;
	atomic_store(&over, true);
	pthread_join(thread, NULL);
	printf("port %u\n", ntohs(to.sin_port));
	return 0;
}

/* Is connected to one address and sends to another. */
static int be_stray(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)))
		return 1;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	at.sin_port = htons(PORT + 2);
	return sendto(fd, "x", 1, 0, (struct sockaddr *)&at, sizeof(at)) != 1;
}

/* Gives what is open another name. */
static int link_open(int fd, const char *name)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, path, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
}

/* A file that had no name, and one that had one. */
static int be_namer(void)
{
	return link_open(open("dir-A", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600), "dir-A/own") ||
	       link_open(open("known", O_RDONLY | O_CLOEXEC), "dir-A/foreign");
}

#define X32_SYSCALL_BIT 0x40000000 /* asm/unistd.h: __X32_SYSCALL_BIT */

static int be_foreign(void)
{
	return syscall(X32_SYSCALL_BIT | SYS_openat, AT_FDCWD, "known", O_RDONLY) == -1 &&
			       errno == ENOSYS
		       ? 0
		       : 1;
}

static int be_ring(void)
{
	return syscall(SYS_io_uring_setup, 1, NULL) == -1 && errno == ENOSYS ? 0 : 1;
}

/* Two messages in one call, and the one that is left when that is refused. */
static int be_sender(void)
{
	struct sockaddr_in to[2] = { { .sin_family = AF_INET, .sin_port = htons(PORT) },
				     { .sin_family = AF_INET, .sin_port = htons(PORT + 1) } };
	struct iovec word = { "x", 1 };
	struct mmsghdr all[2] = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	for (int i = 0; i < 2; i++) {
		to[i].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		all[i].msg_hdr.msg_name = &to[i];
		all[i].msg_hdr.msg_namelen = sizeof(to[i]);
		all[i].msg_hdr.msg_iov = &word;
		all[i].msg_hdr.msg_iovlen = 1;
	}
	if (sendmmsg(fd, all, 2, 0) != -1 || errno != ENOSYS)
		return 1;
	if (sendmmsg(fd, all, 1, 0) != 1)
		return 1;
	to[1].sin_family = AF_UNSPEC; /* to a send that is AF_INET */
	to[1].sin_port = htons(PORT + 4);
	return sendmsg(fd, &all[1].msg_hdr, 0) == 1 ? 0 : 1;
}

/* Where names are others': nothing that is done there is a rule here. */
static int be_roamer(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (unshare(geteuid() ? CLONE_NEWUSER | CLONE_NEWNS : CLONE_NEWNS))
			_exit(1);
		if (mount("dir-A", "dir-B", NULL, MS_BIND, NULL) == 0 || errno != EPERM)
			_exit(1);
		_exit(open("known", O_RDONLY) >= 0 ? 0 : 1);
	}
	return waitpid(pid, &status, 0) == pid && status == 0 && open("changed", O_RDONLY) >= 0 ? 0
												: 1;
}

/* Whoever was made so would be seen by nobody. */
static int be_leaver(void)
{
	long pid = syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0)
		_exit(0);
	return pid == -1 && errno == EPERM ? 0 : 1;
}

static int be_daemon(void)
{
	pid_t pid = fork();

	if (pid < 0)
		return 1;
	if (pid == 0) {
		setsid();
		if (fork() == 0)
			for (;;)
				pause();
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	return 0;
}

/* An exec of what is in no directory, by a thread that is not the first. */
static void *exec_memory(void *unused)
{
	char *words[] = { "ghost", "behave", "nothing", NULL };
	int fd = (int)syscall(SYS_memfd_create, "ghost", 0), from = open(self, O_RDONLY);
	char block[65536];
	ssize_t n;

	(void)unused;
	while ((n = read(from, block, sizeof(block))) > 0)
		if (write(fd, block, (size_t)n) != n)
			_exit(1);
	syscall(SYS_execveat, fd, "", words, environ, AT_EMPTY_PATH);
	_exit(1);
}

static int be_ghost(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, exec_memory, NULL))
		return 1;
	for (;;)
		pause();
}

static int be_waiter(void)
{
	if (write(STDOUT_FILENO, "r", 1) != 1)
		return 1;
	for (;;)
		pause();
}

static int behave(const char *what)
{
	if (!strcmp(what, "nothing"))
		return 0;
	if (!strcmp(what, "reader"))
		return be_reader();
	if (!strcmp(what, "writer"))
		return be_writer();
	if (!strcmp(what, "liar"))
		return be_liar();
	if (!strcmp(what, "sender"))
		return be_sender();
	if (!strcmp(what, "sharer"))
		return be_sharer();
	if (!strcmp(what, "swapper"))
		return be_swapper();
	if (!strcmp(what, "talker"))
		return be_talker();
	if (!strcmp(what, "stray"))
		return be_stray();
	if (!strcmp(what, "namer"))
		return be_namer();
	if (!strcmp(what, "resolver"))
		return be_resolver();
	if (!strcmp(what, "pinger"))
		return be_pinger();
	if (!strcmp(what, "misled"))
		return be_misled();
	if (!strcmp(what, "misread"))
		return be_misread();
	if (!strcmp(what, "runner"))
		return be_runner();
	if (!strcmp(what, "misplaced"))
		return be_misplaced();
	if (!strcmp(what, "insider"))
		return be_insider();
	if (!strcmp(what, "client"))
		return be_client();
	if (!strcmp(what, "memory-twin"))
		return be_twin(CLONE_VM);
	if (!strcmp(what, "files-twin"))
		return be_twin(CLONE_FILES);
	if (!strcmp(what, "places-twin"))
		return be_twin(CLONE_FS);
	if (!strcmp(what, "lender"))
		return be_lender();
	if (!strcmp(what, "thread-lender"))
		return be_thread_lender();
	if (!strcmp(what, "meddler") || !strcmp(what, "meddler-elsewhere"))
		return be_meddler(what[7]);
	if (!strcmp(what, "submitter"))
		return be_submitter();
	if (!strcmp(what, "vforker"))
		return be_vforker();
	if (!strcmp(what, "foreign"))
		return be_foreign();
	if (!strcmp(what, "ring"))
		return be_ring();
	if (!strcmp(what, "roamer"))
		return be_roamer();
	if (!strcmp(what, "leaver"))
		return be_leaver();
	if (!strcmp(what, "daemon"))
		return be_daemon();
	if (!strcmp(what, "ghost"))
		return be_ghost();
	if (!strcmp(what, "fail"))
		return 3;
	if (!strcmp(what, "kill"))
		return raise(SIGKILL);
	if (!strcmp(what, "wait"))
		return be_waiter();
	return 2;
}

/* --- sessions --------------------------------------------------------------------------------- */

/* Where the next command's output goes in place of a file; -1: nowhere else. */
static int told_fd = -1;

/* Whether kernels before 5.6 are played to the next commands, where no descriptor can be taken. */
static bool old_kernel;

static int forget_getfd(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_getfd, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	if (geteuid() && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

static pid_t start(const char *const *flags, const char *const *command)
{
	const char *argv[WORDS_MOST] = { warden, "learn", "-o", profile };
	int n = 4;
	pid_t pid;

	while (*flags && n < WORDS_MOST - 2)
		argv[n++] = *flags++;
	argv[n++] = "--";
	while (*command && n < WORDS_MOST - 1)
		argv[n++] = *command++;
	pid = fork();
	if (pid == 0) {
		int out = open("said", O_RDWR | O_CREAT | O_TRUNC, 0644);

		dup2(told_fd < 0 ? out : told_fd, STDOUT_FILENO);
		dup2(out, STDERR_FILENO);
		close(out);
		alarm(LIMIT_S);
		if (old_kernel && forget_getfd())
			_exit(127);
		execv(warden, (char *const *)argv);
		_exit(127);
	}
	return pid;
}

/* Whether all that was written can be read. */
static bool readable = true;

static void read_back(void)
{
	struct profile_error error;
	struct profile p;

	if (!text[0])
		return;
	if (profile_read(text, strlen(text), &p, &error)) {
		printf("# line %u: %s\n", error.line, error.text);
		readable = false;
	} else {
		profile_free(&p);
	}
}

/* The status that wait(2) gives; profile and words are in text and said. */
static int end(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	slurp(profile, text, sizeof(text));
	slurp("said", said, sizeof(said));
	read_back();
	return status;
}

#define LIST(...) ((const char *const[]){ __VA_ARGS__ })

/* Runs a command under the profile that was learned last. The status that wait(2) gives; its words are in said. */
static int hold(const char *files, const char *const *command)
{
	const char *argv[WORDS_MOST] = { warden, "run", "-p", profile, "--files", files, "--" };
	int n = 7, status = -1;
	pid_t pid;

	while (*command && n < WORDS_MOST - 1)
		argv[n++] = *command++;
	pid = fork();
	if (pid == 0) {
		int out = open("said", O_RDWR | O_CREAT | O_TRUNC, 0644);

		dup2(out, STDOUT_FILENO);
		dup2(out, STDERR_FILENO);
		close(out);
		alarm(LIMIT_S);
		execv(warden, (char *const *)argv);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	slurp("said", said, sizeof(said));
	return status;
}

static int learn(const char *what, const char *flag)
{
	unlink(profile);
	return end(start(LIST(flag, NULL), LIST(self, "behave", what, NULL)));
}

/* Whether a list of the profile has a string. */
static bool has(const char *list, const char *string)
{
	char head[32], item[PATH_MAX + 8];
	const char *from, *to, *found;

	snprintf(head, sizeof(head), "\n%s = [\n", list);
	snprintf(item, sizeof(item), "  \"%s\",", string);
	from = strstr(text, head);
	to = from ? strstr(from, "\n]\n") : NULL;
	found = from ? strstr(from, item) : NULL;
	return found && to && found < to;
}

static const char *at_home(const char *name)
{
	static char path[4][PATH_MAX];
	static int next;
	char *out = path[next++ % 4];

	snprintf(out, PATH_MAX, "%s%s%s", home, *name ? "/" : "", name);
	return out;
}

static bool is_there(const char *name)
{
	struct stat st;

	return lstat(name, &st) == 0;
}

/* --- tests ------------------------------------------------------------------------------------ */

static const char *who;
/* With what was said, for whoever has to find out why. */
static bool check(bool good, const char *what)
{
	if (!ok(good, "%s: %s", who, what))
		for (char *line = strtok(said, "\n"); line; line = strtok(NULL, "\n"))
			printf("# %s\n", line);
	return good;
}

static void test_reads(void)
{
	char exec[PATH_MAX + 16];

	snprintf(exec, sizeof(exec), "exec = \"%s\"\n", self);
	check(learn("reader", NULL) == 0 && strstr(text, exec), "what was run is in the profile");
	check(has("read", at_home("known")) && has("read", self), "what was read is");
	check(!has("read", at_home("absent")) && !has("write", at_home("known")),
	      "what was not there is not, nor is more than was done");
}

static void test_writes(void)
{
	struct stat changed, moded;
	int status = learn("writer", NULL);

	check(status == 0 && has("write", at_home(".")) && !has("write", at_home("")),
	      "a new directory is a name in the one where it is made, no more");
	check(has("write", at_home("new/.")) && has("write", at_home("new/deep")),
	      "and what is made and stays has a rule, for at the next run it is there");
	check(has("write", at_home("old/.")) && has("write", at_home("old/gone")) &&
		      has("write", at_home("changed")) && has("write", at_home("moded")),
	      "files are written by name, names that are removed by theirs");
	check(has("write", at_home("from/.")) && has("write", at_home("to/.")) &&
		      has("write", at_home("links/.")) && has("write", at_home("from/name")) &&
		      has("read", at_home("from/name")),
	      "a rename writes both its directories and its file, a link its own");
	check(!is_there("new") && !is_there("old/another") && is_there("old/gone") &&
		      is_there("from/name") && !is_there("links/one") &&
		      !stat("changed", &changed) && changed.st_size == 5 &&
		      !stat("moded", &moded) && (moded.st_mode & 0777) == 0644,
	      "and nothing of it has happened");
}

static void test_lies(void)
{
	unsigned opened[2] = { 0 }, made[2] = { 0 };
	int status = learn("liar", NULL);

	check(status == 0 && sscanf(said, "opened %u %u made %u %u", &opened[0], &opened[1],
				    &made[0], &made[1]) == 4,
	      "a command changes names under its own calls");
	for (int i = 0; i < 2; i++) {
		check(has("read", at_home(i ? "flip-B" : "flip-A")) == (opened[i] > 0),
		      "a file is in the profile if it was opened, whatever was shown");
		/* A change that the observer missed is left out; one that was not is never added. */
		check(!has("write", at_home(i ? "dir-B/." : "dir-A/.")) || made[i] > 0,
		      "a directory only if a name was made in it");
	}
}

static void test_swaps(void)
{
	for (int old = 0; old < 2; old++) {
		old_kernel = old;
		check(learn("swapper", NULL) == 0 && has("write", at_home("changed")),
		      "a command changes what its descriptors are");
		check(!has("write", at_home("known")) && !has("read", at_home("changed")),
		      "a file was opened as it was, not as the one in its place");
		check(learn("sharer", NULL) == 0 && has("read", at_home("known")) &&
			      has("read", at_home("changed")) && !has("write", at_home("known")) &&
			      !has("write", at_home("changed")),
		      "threads open files under numbers of one another, as they do");
		check(has("write", at_home("held")),
		      "what a thread changes by a descriptor that nobody closes");
	}
	old_kernel = false;
}

static void test_network(void)
{
	char endpoint[64];
	unsigned port = 0;
	int status = learn("talker", NULL);

	check(status == 0 && sscanf(said, "port %u", &port) == 1, "a command talks");
	snprintf(endpoint, sizeof(endpoint), "tcp://127.0.0.1:%u", port);
	check(has("allow", "udp://127.0.0.1:9") && has("allow", "udp://127.0.0.1:10") &&
		      has("allow", endpoint),
	      "whom it has sent to or is connected with is in the profile");
	check(!has("allow", "udp://127.0.0.1:11") && strstr(text, "# 1 calls were made under"),
	      "an address that another thread could have changed is not, and that is said");
	check(strstr(text, "allow_bind = [\n  0,\n]") && has("write", at_home("sockets/.")),
	      "ports and places that it took are");
}

static void test_other_protocols(void)
{
	int status = learn("pinger", NULL);

	if (WEXITSTATUS(status) == NO_SUCH)
		check(true, "# SKIP there is no other protocol");
	else
		check(status == 0 && !strstr(text, "tcp://") && !strstr(text, "udp://") &&
			      strstr(text, "# 1 addresses were of neither TCP nor UDP"),
		      "what is neither TCP nor UDP is not called so, and that is said");
}

static void test_strays(void)
{
	check(learn("stray", NULL) == 0 && has("allow", "udp://127.0.0.1:9") &&
		      has("allow", "udp://127.0.0.2:11"),
	      "a datagram goes where it is told, wherever its socket is connected to");
}

/* Addresses that are asked for, and used by nobody. */
static void test_no_port(void)
{
	check(learn("resolver", NULL) == 0 && has("allow", "udp://127.0.0.1:0") &&
		      strstr(text, "allow_bind = []"),
	      "that a socket was connected to no port is in the profile");
	check(end(start(LIST("--in-place", NULL), LIST(doer, "udp", "127.0.0.1:0", NULL))) == 0 &&
		      hold("auto", LIST(doer, "udp", "127.0.0.1:0", "udp", "127.0.0.2:0", NULL)) ==
			      0 &&
		      !strcmp(said, "udp 127.0.0.1:0: ok\nudp 127.0.0.2:0: EACCES\n"),
	      "and is allowed by it");
}

static void test_company(void)
{
	static const char *const with[][2] = {
		{ "memory-twin", "another process in its memory" },
		{ "files-twin", "another process at its descriptors" },
		{ "places-twin", "another process that shares its directories" },
		{ "lender", "a process that a child has left in its memory" },
		{ "thread-lender", "a thread that a child has left in its memory" },
	};

	for (size_t i = 0; i < sizeof(with) / sizeof(with[0]); i++) {
		char why[96];

		snprintf(why, sizeof(why), "no address is believed beside %s", with[i][1]);
		check(learn(with[i][0], NULL) == 0 && !has("allow", "udp://127.0.0.1:9") &&
			      strstr(text, "# 1 calls were made under"),
		      why);
	}
	check(learn("vforker", NULL) == 0 && has("allow", "udp://127.0.0.1:9"),
	      "who waited for a child is alone behind it");
	check(learn("meddler", NULL) == 0 && !has("allow", "udp://127.0.0.1:9") &&
		      learn("meddler-elsewhere", NULL) == 0 && !has("allow", "udp://127.0.0.1:9"),
	      "nor is one believed where somebody writes memory, under whatever names");
	check(learn("submitter", NULL) == 0 && !has("allow", "udp://127.0.0.1:9"),
	      "nor where the kernel does behind a call");
}

static void test_sockets(void)
{
	int server = serve("serves", SOCK_STREAM), hearer = serve("hears", SOCK_DGRAM);

	check(server >= 0 && hearer >= 0 && learn("client", "--in-place") == 0 &&
		      has("write", at_home("serves")) && has("write", at_home("hears")),
	      "sockets in directories are, also of one of several processes");
	check(learn("misled", NULL) == 0 && !has("write", at_home("theirs")),
	      "but not where a link to one leads behind the call");
	check(learn("insider", NULL) == 0 && !has("write", at_home("theirs")),
	      "nor where a name would lead us");
	check(learn("misplaced", NULL) == 0 && !has("write", at_home("full/taken")) &&
		      !has("write", at_home("full/.")),
	      "a socket was made where its name has appeared");
	close(server);
	close(hearer);
	unlink("serves");
	unlink("hears");
}

static void test_unseen(void)
{
#ifdef __x86_64__
	check(learn("foreign", NULL) == 0 && strstr(text, "# 1 calls were of another ABI") &&
		      !has("read", at_home("known")),
	      "calls of another ABI are refused, and told");
#endif
	check(learn("ring", NULL) == 0 && strstr(text, "# 1 calls would have"),
	      "so are rings for calls that nobody sees");
	check(learn("sender", NULL) == 0 && strstr(text, "# 1 calls would have") &&
		      has("allow", "udp://127.0.0.1:9") && !has("allow", "udp://127.0.0.1:10"),
	      "so are several messages in one call, and the one of which all is seen is learned");
	check(has("allow", "udp://127.0.0.1:13"), "so is one to where no family is said");
	check(learn("roamer", NULL) == 0 && has("read", at_home("changed")) &&
		      !has("read", at_home("known")) && strstr(text, "# 1 calls were made under") &&
		      strstr(text, "# 1 calls would have"),
	      "mounts are refused, and under other names nothing is taken for ours");
	check(learn("leaver", NULL) == 0 && has("read", self),
	      "nobody is made whom we do not trace");
}

/* Until what is written in it is known to have been there before the next exec. */
static void await_age(const char *name)
{
	struct stat st;

	while (stat(name, &st) == 0 && time(NULL) - st.st_ctim.tv_sec < 4)
		usleep(100000);
}

static void test_execs(void)
{
	int status = end(start(LIST(NULL), LIST("./script", NULL)));

	check(status == 0 && has("read", at_home("script")) && has("read", self),
	      "a script and its interpreter are read");
	await_age("nested-script");
	check(learn("runner", NULL) == 0 && has("read", at_home("nested-script")) &&
		      has("read", at_home("script")),
	      "also one that is another's interpreter, and by one of several processes");
	check(learn("misread", NULL) == 0 && has("read", self) &&
		      !has("read", at_home("plain-script")),
	      "but not where a link to it leads behind the exec");
	check(learn("ghost", NULL) == 0 && !strstr(text, "memfd:"),
	      "a program in no directory is in no list");
}

/* Files that never have a name, as those of tmpfile(3). */
static void test_nameless(void)
{
	static const char *const ways[] = { "judged", "landlock" };

	check(end(start(LIST(NULL), LIST(doer, "nameless", "dir-A", NULL))) == 0 &&
		      has("write", at_home("dir-A/.")),
	      "a file without a name is one of those that may be made in its directory");
	for (int i = 0; i < 2; i++)
		check(hold(ways[i], LIST(doer, "nameless", "dir-A", "nameless", "dir-B", NULL)) ==
				      0 &&
			      !strcmp(said, "nameless dir-A: ok\nnameless dir-B: EACCES\n"),
		      "and under the profile it can be made there");
	check(end(start(LIST(NULL), LIST(doer, "mkdir", "new", "nameless", "new", NULL))) == 0 &&
		      !mkdir("new", 0755) &&
		      hold("judged", LIST(doer, "nameless", "new", NULL)) == 0 &&
		      !strcmp(said, "nameless new: ok\n") && !rmdir("new"),
	      "also in a directory that the command has made and left there");
}

/* Whether each deed of the last session came to what `good` says, an answer a deed. */
static bool did(const char *good)
{
	const char *line = said;

	for (; *good; good += strcspn(good, " "), good += *good == ' ') {
		size_t n = strcspn(good, " "), all = strcspn(line, "\n");

		if (all < n || strncmp(line + all - n, good, n))
			return false;
		line += all + (line[all] == '\n');
	}
	return !*line;
}

/* What a command makes without writing it, over what it has left there the last time. */
static void test_left(void)
{
	const char *const *deeds = LIST(
		doer, "unlink", "dir-A/link", "symlink", "nowhere", "dir-A/link", "unlink",
		"dir-A/pipe", "fifo", "dir-A/pipe", "unlink", "dir-A/socket", "serve",
		"dir-A/socket", "unlink", "dir-A/two", "unlink", "dir-A/one", "create", "dir-A/one",
		"link", "dir-A/one", "dir-A/two", "create", "dir-A/draft", "rename", "dir-A/draft",
		"dir-A/final", "mkdir", "dir-A/x", "rmdir", "dir-A/x", NULL);

	unlink(profile);
	check(end(start(LIST("--in-place", NULL), deeds)) == 0 &&
		      did("ENOENT ok ENOENT ok ENOENT ok ENOENT ENOENT ok ok ok ok ok ok"),
	      "names are made");
	check(hold("judged", deeds) == 0 && did("ok ok ok ok ok ok ok ok ok ok ok ok ok ok"),
	      "and made anew under the profile, where they are left from the last time");
	if (mkdir("dir-A/d", 0700))
		abort();
	check(hold("judged", LIST(doer, "rmdir", "dir-A/d", "unlink", "dir-A/final", "create",
				  "dir-A/final", "read", "known", "write", "known", NULL)) == 0 &&
		      did("EACCES ok ok EACCES EACCES"),
	      "but nothing else is the command's");
	if (system("rm -rf dir-A/*"))
		abort();
}

static void test_links(void)
{
	const char *const *deeds =
		LIST(doer, "unlink", "dir-A/name", "link", "known", "dir-A/name", NULL);

	unlink(profile);
	check(end(start(LIST("--in-place", NULL), deeds)) == 0 && did("ENOENT ok") &&
		      has("read", at_home("known")) && has("write", at_home("known")),
	      "a file that got one more name may be done with what that name allows");
	check(hold("judged", deeds) == 0 && did("ok ok"), "or it would not get it");
	unlink("dir-A/name");
	unlink(profile);
	check(end(start(LIST(NULL), deeds)) == 0 && has("read", at_home("known")) &&
		      has("write", at_home("known")),
	      "also one that is not touched itself");
	check(learn("namer", "--in-place") == 0 && has("write", at_home("dir-A/own")),
	      "a file that gets its first name is the command's own");
	check(!has("write", at_home("dir-A/foreign")) && !has("write", at_home("known")) &&
		      strstr(text, "# 1 calls were made under"),
	      "one of which nobody knows where its name came from is not, and that is said");
	if (system("rm -rf dir-A/*"))
		abort();
}

static void test_exchange(void)
{
	const char *const *deeds =
		LIST(doer, "exchange", "flip-A", "flip-B", "exchange", "flip-A", "flip-B", NULL);

	unlink(profile);
	check(end(start(LIST(NULL), deeds)) == 0 && did("ok ok") &&
		      has("read", at_home("flip-A")) && has("write", at_home("flip-A")) &&
		      has("read", at_home("flip-B")) && has("write", at_home("flip-B")),
	      "of two files that change places each got another name");
	check(hold("judged", deeds) == 0 && did("ok ok"), "and both may under the profile");
	unlink(profile);
	check(end(start(LIST(NULL), LIST(doer, "rename", "flip-A", "flip-B", NULL))) == 0 &&
		      has("read", at_home("flip-A")) && !has("read", at_home("flip-B")) &&
		      has("write", at_home("flip-B")),
	      "one that was replaced got none");
}

static void test_long_words(void)
{
	static char word[100000];

	memset(word, 'x', sizeof(word) - 1);
	memcpy(word, ": ", 2);
	unlink(profile);
	check(end(start(LIST(NULL), LIST("/bin/sh", "-c", word, NULL))) == 0 &&
		      strstr(text, word) && readable,
	      "a command's words may be long");
}

static void test_ends(void)
{
	int status;

	status = learn("fail", NULL);
	check(WEXITSTATUS(status) == 3 && !text[0] && strstr(said, "status 3"),
	      "a failure leaves no profile");
	status = learn("kill", NULL);
	check(WEXITSTATUS(status) == 128 + SIGKILL && !text[0], "nor does a death");
	status = end(start(LIST(NULL), LIST("/no/such/program", NULL)));
	check(WEXITSTATUS(status) == 127 && !text[0] && strstr(said, "could not be run"),
	      "nor does a command that is not there");
	status = end(start(LIST("--limit", "1", NULL), LIST(self, "behave", "wait", NULL)));
	check(WIFEXITED(status) && WEXITSTATUS(status) && !text[0] && strstr(said, "after 1 s"),
	      "nor one that does not end");
	status = end(
		start(LIST("--limit", "5", "--partial", NULL), LIST(self, "behave", "wait", NULL)));
	check(strstr(text, "# Partial") && has("read", self),
	      "unless that is asked for, and then it says so");
	check(learn("nothing", NULL) == 0 && text[0], "a profile is written");
	status = end(start(LIST(NULL), LIST(self, "behave", "fail", NULL)));
	check(WEXITSTATUS(status) == 3 && has("read", self),
	      "and one that is there stays when the next fails");
}

/* Somebody else goes on making and removing names beside the place where we are, until it is killed. */
static _Noreturn void be_busy(void)
{
	char directory[64], file[64];

	snprintf(directory, sizeof(directory), "%s-directory", home);
	snprintf(file, sizeof(file), "%s-file", home);
	for (;;) {
		(void)mkdir(directory, 0755);
		(void)touch(file);
		(void)rmdir(directory);
		(void)unlink(file);
	}
}

static void test_neighbours(void)
{
	char name[64];
	unsigned good = 0;
	pid_t pid = fork();

	if (pid == 0)
		be_busy();
	for (int i = 0; i < 20; i++)
		if (learn("nothing", NULL) == 0)
			good++;
		else
			printf("# %s\n", said);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	snprintf(name, sizeof(name), "%s-directory", home);
	(void)rmdir(name);
	snprintf(name, sizeof(name), "%s-file", home);
	(void)unlink(name);
	check(good == 20, "what others make and remove meanwhile is no hindrance");
}

/* Of a program without a sanitizer, which could not live with a limit of its memory. */
static void test_proofs(void)
{
	int status = end(start(LIST("--in-place", "--prove", NULL),
			       LIST("/bin/sh", "-c", "read line <known || :", NULL)));

	check(status == 0 && text[0], "what can live with its profile is proved to");
	unlink(profile);
	status = end(start(LIST("--in-place", "--prove", NULL),
			   LIST("/bin/sh", "-c", "[ -e mark ] && exit 3; echo >mark", NULL)));
	check(WEXITSTATUS(status) == 3 && !text[0] && strstr(said, "status 3, not 0"),
	      "of what then ends otherwise there is no profile");
	unlink("mark");
	status = end(start(
		LIST("--in-place", "--limit", "1", "--prove", NULL),
		LIST("/bin/sh", "-c", "[ -e mark ] && while :; do :; done; echo >mark", NULL)));
	check(WEXITSTATUS(status) == 128 + SIGKILL && !text[0],
	      "nor of what then comes to no end in time");
	unlink("mark");
}

static void test_daemon(void)
{
	time_t before = time(NULL);

	check(learn("daemon", NULL) == 0 && time(NULL) - before < LIMIT_S / 2 &&
		      strstr(text, "processes = 6"), /* twice the three at once */
	      "whoever is left when the command ends is ended");
}

static void test_interrupt(void)
{
	int told[2], status;
	bool runs;
	char byte;
	pid_t pid;

	if (pipe2(told, O_CLOEXEC))
		abort();
	told_fd = told[1];
	pid = start(LIST(NULL), LIST(self, "behave", "wait", NULL));
	told_fd = -1;
	close(told[1]);
	runs = read(told[0], &byte, 1) == 1;
	kill(pid, SIGTERM);
	status = end(pid);
	/* Whoever still ran would hold the pipe open. */
	runs = runs && read(told[0], &byte, 1) == 0;
	close(told[0]);
	check(runs && WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGTERM &&
		      strstr(said, "signal 15"),
	      "a signal ends it and what it runs");
}

static void test_words(void)
{
	check(WEXITSTATUS(end(start(LIST("--limit", "soon", NULL), LIST(self, NULL)))) == 2 &&
		      WEXITSTATUS(end(start(LIST("--frobnicate", NULL), LIST(self, NULL)))) == 2 &&
		      WEXITSTATUS(end(start(LIST("stray", NULL), LIST(self, NULL)))) == 2 &&
		      WEXITSTATUS(end(start(LIST(NULL), LIST(NULL)))) == 2,
	      "wrong words are told apart");
}

static bool put(const char *name, const char *content, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	bool good = fd >= 0 && write(fd, content, strlen(content)) == (ssize_t)strlen(content);

	return close(fd) == 0 && good;
}

static bool furnish(void)
{
	static const char *const files[] = { "known",  "changed", "moded", "old/gone",	"from/name",
					     "flip-A", "flip-B",  "held",  "full/taken" };
	static const char *const directories[] = { "old",   "from",  "to",	"links",
						   "dir-A", "dir-B", "sockets", "full" };
	char script[PATH_MAX + 32];
	int server = serve("theirs", SOCK_STREAM);
	bool good = server >= 0 && close(server) == 0; /* nobody serves there */

	umask(022);
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
		good = good && !mkdir(directories[i], 0755);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		good = good && put(files[i], "words", 0644);
	snprintf(script, sizeof(script), "#!%s behave-script\n", self);
	good = good && put("script", script, 0755) && put("plain-script", script, 0644);
	snprintf(script, sizeof(script), "#!%s/script\n", home);
	return good && put("nested-script", script, 0755);
}

static int run_all(void)
{
	who = geteuid() ? "another user" : "root";
	if (!mkdtemp(home) || chdir(home) || !furnish())
		return 1;
	snprintf(profile, sizeof(profile), "%s/profile.toml", home);
	test_reads();
	test_writes();
	test_lies();
	test_swaps();
	test_network();
	test_strays();
	test_no_port();
	test_other_protocols();
	test_company();
	test_sockets();
	test_unseen();
	test_execs();
	test_nameless();
	test_left();
	test_links();
	test_exchange();
	test_long_words();
	test_ends();
	test_proofs();
	test_daemon();
	test_neighbours();
	test_interrupt();
	test_words();
	check(readable, "each profile that was written can be read");
	return 0;
}

static void remove_home(void)
{
	char *words[] = { "rm", "-rf", "--", home, NULL };
	pid_t pid = fork();

	if (pid == 0) {
		execv("/bin/rm", words);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	int err;

	if (argc > 2 && !strcmp(argv[1], "behave")) {
		self = path;
		path[n > 0 ? n : 0] = '\0';
		return behave(argv[2]);
	}
	if (argc > 1 && !strcmp(argv[1], "behave-script"))
		return 0;
	warden = getenv("WARDEN");
	doer = getenv("DOER");
	/* To look for leaks a program makes a tracer of itself that nobody traces. */
	if (n <= 0 || !warden || !doer || setenv("ASAN_OPTIONS", "detect_leaks=0", 1))
		return 1;
	path[n] = '\0';
	self = path;
	err = run_all();
	remove_home();
	if (!err && geteuid() == 0 && setgid(OTHER_UID) == 0 && setuid(OTHER_UID) == 0) {
		strcpy(home, "/tmp/learn-test-XXXXXX");
		err = run_all();
		remove_home();
	}
	return tap_done() || err;
}
