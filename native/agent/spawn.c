// SPDX-License-Identifier: Apache-2.0
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

/* The fds of docs/formats.md, and how many pipes there are; the last one carries a failed exec's
 * errno. */
enum { WARDEN, ATTACK, GO, OUTPUT, EXEC_ERRNO, PIPES };
#define FD_WARDEN 3
#define FD_ATTACK 4
#define FD_GO	  5

struct pipes {
	int end[PIPES][2]; /* [0] is read, [1] is written */
};

static void close_pipes(struct pipes *p)
{
	for (int i = 0; i < PIPES; i++) {
		for (int side = 0; side < 2; side++) {
			if (p->end[i][side] >= 0)
				close(p->end[i][side]);
			p->end[i][side] = -1;
		}
	}
}

/* All ends are moved above the numbers the child gives out, so that no dup2 there closes another.
 */
static int make_pipe(int end[2])
{
	int low[2], err = 0;

	if (pipe2(low, O_CLOEXEC))
		return -errno;
	for (int side = 0; side < 2; side++) {
		end[side] = fcntl(low[side], F_DUPFD_CLOEXEC, 16);
		if (end[side] < 0)
			err = -errno;
		close(low[side]);
	}
	return err;
}

static int make_pipes(struct pipes *p)
{
	for (int i = 0; i < PIPES; i++)
		p->end[i][0] = p->end[i][1] = -1;
	for (int i = 0; i < PIPES; i++) {
		int err = make_pipe(p->end[i]);

		if (err) {
			close_pipes(p);
			return err;
		}
	}
	return 0;
}

static int place_fds(const struct pipes *p)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		return -errno;
	if (dup2(p->end[OUTPUT][1], STDOUT_FILENO) < 0 ||
	    dup2(p->end[OUTPUT][1], STDERR_FILENO) < 0 || dup2(p->end[WARDEN][1], FD_WARDEN) < 0 ||
	    dup2(p->end[ATTACK][1], FD_ATTACK) < 0 || dup2(p->end[GO][0], FD_GO) < 0)
		return -errno;
	return 0;
}

/* In the child, before its exec; everything else of the parent's is close-on-exec. */
static int prepare_child(const struct pipes *p, const struct standing *standing)
{
	sigset_t none;
	int err;

	sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) || setsid() < 0 || chdir("/tmp"))
		return -errno;
	err = place_fds(p);
	return err ? err : standing_take(standing, SPAWN_UID);
}

static _Noreturn void run_child(const struct pipes *p, const char *const argv[],
				const char *const env[], const struct standing *standing)
{
	int err = prepare_child(p, standing);

	if (!err) {
		/* execve takes its strings as not const for historical reasons only. */
		execve(argv[0], (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)env);
		err = -errno;
	}
	/* If even this fails the parent reads an end of file and the child's status tells. */
	if (write(p->end[EXEC_ERRNO][1], &err, sizeof(err)) != sizeof(err))
		_exit(127);
	_exit(126);
}

static int exec_result(int fd)
{
	int err = 0;
	ssize_t got;

	do {
		got = read(fd, &err, sizeof(err));
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	return got == sizeof(err) ? err : 0;
}

static int take(int *end, int *out, int flags)
{
	if (flags && fcntl(*end, F_SETFL, flags))
		return -errno;
	*out = *end;
	*end = -1;
	return 0;
}

int spawn_command(const char *const argv[], const char *const env[],
		  const struct standing *standing, struct spawned *out)
{
	struct pipes p;
	int err = make_pipes(&p);

	if (err)
		return err;
	out->pid = fork();
	if (out->pid == 0)
		run_child(&p, argv, env, standing);
	err = out->pid < 0 ? -errno : 0;

	/* The child's ends close here, so that the pipes end with the last of its family. */
	for (int i = 0; i < PIPES; i++) {
		int side = i == GO ? 0 : 1;

		close(p.end[i][side]);
		p.end[i][side] = -1;
	}
	if (!err)
		err = exec_result(p.end[EXEC_ERRNO][0]);
	if (!err)
		err = take(&p.end[WARDEN][0], &out->warden, O_NONBLOCK);
	if (!err)
		err = take(&p.end[ATTACK][0], &out->attack, O_NONBLOCK);
	if (!err)
		err = take(&p.end[OUTPUT][0], &out->output, O_NONBLOCK);
	if (!err)
		err = take(&p.end[GO][1], &out->go, 0);
	close_pipes(&p);
	if (err && out->pid > 0) {
		kill(out->pid, SIGKILL);
		waitpid(out->pid, NULL, 0);
	}
	return err;
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return status;
}

static _Noreturn void run_silenced(const char *const argv[])
{
	const struct standing ordinary = { 0 };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; null >= 0 && fd <= FD_GO; fd++) {
		if (dup2(null, fd) < 0)
			_exit(127);
	}
	if (null < 0 || standing_take(&ordinary, SPAWN_UID))
		_exit(127);
	execve(argv[0], (char *const *)(uintptr_t)argv, (char *const[]){ NULL });
	_exit(127);
}

int spawn_quietly(const char *const argv[])
{
	pid_t pid = fork();

	if (pid == 0)
		run_silenced(argv);
	return pid < 0 ? -errno : wait_for(pid);
}

int spawn_as_root(const char *const argv[])
{
	static char path[] = "PATH=/bin:/usr/bin:/usr/sbin";
	pid_t pid = fork();

	if (pid == 0) {
		execve(argv[0], (char *const *)(uintptr_t)argv, (char *const[]){ path, NULL });
		_exit(127);
	}
	return pid < 0 ? -errno : wait_for(pid);
}
