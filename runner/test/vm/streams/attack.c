// SPDX-License-Identifier: Apache-2.0
/*
 * No attack: work that is the same whenever it is done, for the hooks to tell of. Nobody races anybody:
 * at any time one task runs and the others wait for it to end. What a step gives is for the hooks to
 * say, so results are not looked at but where the next step needs them.
 */
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROOM   "/tmp/streams"
#define SCRIPT ROOM "/script"
#ifndef MAP_SHARED_VALIDATE
#define MAP_SHARED_VALIDATE 3
#endif

static void give_up(const char *step)
{
	perror(step);
	exit(1);
}

static void files(void)
{
	static const char script[] = "#!/bin/witness\n";
	char bytes[8];
	int fd;

	if (mkdir(ROOM, 0700))
		give_up(ROOM);
	fd = open(SCRIPT, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0700);
	if (fd < 0 || write(fd, script, sizeof(script) - 1) != sizeof(script) - 1)
		give_up(SCRIPT);
	if (pread(fd, bytes, sizeof(bytes), 2) != sizeof(bytes) || lseek(fd, -1, SEEK_SET) != -1)
		give_up(SCRIPT);
	close(fd);
	open(ROOM "/nobody", O_RDONLY);
	open(SCRIPT, O_CREAT | O_EXCL | O_RDWR, 0700);
	open(SCRIPT "/below", O_RDONLY);
	mkdir(ROOM, 0700);
	rmdir(ROOM);
	close(99);
}

/* Those that came after 4.10, or learnt something since. */
static void newer(void)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS };
	int fd = open(SCRIPT, O_RDONLY | O_CLOEXEC);

	syscall(SYS_openat2, AT_FDCWD, ROOM "/nobody", &how, sizeof(how));
	syscall(SYS_close_range, 90, 99, 0);
	syscall(SYS_pidfd_open, getpid(), 1);
	syscall(SYS_faccessat2, AT_FDCWD, ROOM, R_OK, AT_EACCESS);
	syscall(SYS_clone3, NULL, 0);
#ifdef SYS_clock_gettime64
	syscall(SYS_clock_gettime64, CLOCK_MONOTONIC, (int64_t[2]){ 0 });
#endif
	ioctl(fd, 0x5050, 0);
	mmap(NULL, 4096, PROT_READ, MAP_SHARED_VALIDATE, fd, 0);
	close(fd);
}

static void wait_for(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		give_up("waitpid");
}

static void on_signal(int signal)
{
	(void)signal;
}

static void signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t one;

	sigaction(SIGUSR1, &action, NULL);
	kill(getpid(), SIGUSR1);
	sigemptyset(&one);
	sigaddset(&one, SIGUSR1);
	sigprocmask(SIG_BLOCK, &one, NULL);
	raise(SIGUSR1);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	kill(getpid(), 0);
	kill(getpid(), 1000);
}

static void exec_as(const char *path, char *const argv[])
{
	char *const none[] = { NULL };
	pid_t pid = vfork();

	if (pid == 0) {
		execve(path, argv, none);
		_exit(9);
	}
	wait_for(pid);
}

static void execs(void)
{
	char name[] = "name", *const one[] = { name, NULL }, *const none[] = { NULL };

	exec_as("/bin/witness", one);
	exec_as(SCRIPT, one);
	exec_as(ROOM "/nobody", one);
	exec_as(ROOM, one);
	exec_as("/bin/witness", none);
}

static pid_t child_that_ends(int status)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(status);
	return pid;
}

static void forks(void)
{
	for (int way = 0; way < 5; way++) {
		pid_t pid = fork();

		if (pid == 0) {
			if (way == 0) /* where it may, it leaves a file open */
				open(ROOM "/both", O_CREAT | O_DIRECTORY | O_RDONLY, 0700);
			if (way == 1)
				kill(getpid(), SIGKILL);
			if (way == 2)
				raise(SIGSEGV);
			if (way == 3)
				unlink(ROOM "/both");
			if (way == 4)
				wait_for(child_that_ends(4));
			_exit(3);
		}
		wait_for(pid);
	}
}

static void *thread(void *context)
{
	return close(98) ? context : NULL;
}

static void threads(void)
{
	pthread_t one;

	if (pthread_create(&one, NULL, thread, NULL) || pthread_join(one, NULL))
		give_up("thread");
}

static void sockets(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "\0streams" };
	socklen_t length = sizeof(sa_family_t) + 8;
	struct sockaddr *const to = (struct sockaddr *)&address;
	int pair[2], server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char byte = 0;

	connect(client, to, length);
	bind(server, to, length);
	bind(server, to, length);
	listen(server, 1);
	connect(client, to, length);
	close(accept4(server, NULL, NULL, SOCK_CLOEXEC));
	close(client);
	close(server);
	socket(99, SOCK_STREAM, 0);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) ||
	    send(pair[0], "x", 1, MSG_NOSIGNAL) != 1 || recv(pair[1], &byte, 1, 0) != 1)
		give_up("socketpair");
	close(pair[0]);
	send(pair[1], "x", 1, MSG_NOSIGNAL);
	close(pair[1]);
}

int main(void)
{
	files();
	newer();
	signals();
	execs();
	forks();
	threads();
	sockets();
	return 0;
}
