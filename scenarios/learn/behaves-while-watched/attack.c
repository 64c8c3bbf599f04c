// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a profile is wider than what a command did while it was watched, and the command waits for
 *          its next run to make use of that.
 * Steps:   at its first run a victim per trial does a deed; at the next, which it knows by what the
 *          first has left, the same deed and then one like it: another file, port, call, argument or
 *          program.
 * Success: the other deed is done.
 * Source:  docs/learn.md.
 */
#include "race.h"

#include "broken.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MARK "/tmp/pf-watched"

static const char *const shapes[] = { "read", "thread",	  "vfork", "write", "port",
				      "call", "argument", "run",   NULL };

static int result(long value)
{
	return value < 0 ? errno : 0;
}

static int open_it(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600), error = result(fd);

	if (fd >= 0)
		close(fd);
	return error;
}

static int do_read(bool evil)
{
	return open_it(evil ? "/etc/group" : "/etc/passwd", O_RDONLY);
}

static void *read_there(void *evil)
{
	static int error;

	error = do_read(*(bool *)evil);
	return &error;
}

static int do_thread(bool evil)
{
	pthread_t thread;
	void *error;

	if (pthread_create(&thread, NULL, read_there, &evil) || pthread_join(thread, &error))
		kit_broken("pthread");
	return *(int *)error;
}

/* By a child that has our memory, and us waiting. */
static int do_vfork(bool evil)
{
	pid_t pid = vfork();
	int status;

	if (pid == 0)
		_exit(do_read(evil));
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		kit_broken("the child");
	return WEXITSTATUS(status);
}

static int do_write(bool evil)
{
	return evil ? open_it("/proc/self/comm", O_WRONLY)
		    : open_it("/tmp/pf-own", O_WRONLY | O_CREAT);
}

static int do_port(bool evil)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(evil ? 40002 : 40001) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return errno;
	error = result(bind(fd, (struct sockaddr *)&any, sizeof(any)));
	close(fd);
	return error;
}

static int do_call(bool evil)
{
	return result(evil ? syscall(SYS_getsid, 0) : syscall(SYS_getpgid, 0));
}

static int do_argument(bool evil)
{
	char name[16];

	return result(evil ? prctl(PR_GET_DUMPABLE) : prctl(PR_GET_NAME, name));
}

/* The status tells whether it was executed at all. */
static int do_run(bool evil)
{
	char *const argv[] = { evil ? "warden" : "witness", NULL };
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execv(evil ? "/bin/warden" : KIT_WITNESS, argv);
		_exit(KIT_EXEC_FAILED);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		kit_broken("the child");
	return WIFEXITED(status) && WEXITSTATUS(status) != KIT_EXEC_FAILED ? 0 : EACCES;
}

static int do_deed(const struct kit *kit, bool evil)
{
	static int (*const deeds[])(bool) = { do_read, do_thread, do_vfork,    do_write,
					      do_port, do_call,	  do_argument, do_run };

	for (size_t i = 0; shapes[i]; i++)
		if (kit_shape_is(kit, shapes[i]))
			return deeds[i](evil);
	return EINVAL;
}

static _Noreturn void be_victim(struct kit *kit, unsigned n, bool again)
{
	int error = do_deed(kit, false);

	if (!error)
		race_got(n, again ? "GOOD" : "SEEN");
	if (!error && again && !kit->honest) {
		error = do_deed(kit, true);
		if (!error)
			race_got(n, "EVIL");
	}
	*kit->exec_errno = error;
	_exit(error ? KIT_EXEC_FAILED : 0);
}

int main(int argc, char **argv)
{
	struct stat st;
	struct kit kit;
	bool again;

	kit_begin(&kit, argc, argv, shapes);
	again = lstat(MARK, &st) == 0;
	for (unsigned n = 1; n <= kit.trials; n++) {
		pid_t victim = kit_fork(&kit);

		if (victim == 0)
			be_victim(&kit, n, again);
		kit_outcome(&kit, victim, n, again ? "trial" : "watched");
	}
	if (!again && mkdir(MARK, 0700) < 0)
		kit_broken(MARK);
	return 0;
}
