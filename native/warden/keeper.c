// SPDX-License-Identifier: Apache-2.0
#include "keeper.h"

#include "proc.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DEATH_WORD SIGUSR1

/* What is no pidfd is told so by the kernel, and left alone. */
static int kill_behind(void *context, int fd)
{
	(void)context;
	(void)syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
	return 0;
}

/*
 * Nobody joins them any more: no fork of theirs is answered, and what the warden traced at its end,
 * the child of an answered fork too, is killed by the kernel.
 */
static _Noreturn void end_everybody(DIR *files)
{
	(void)proc_each_in(files, kill_behind, NULL);
	_exit(0);
}

static _Noreturn void be_keeper(pid_t warden)
{
	/* Held open from the start: whoever has our uid may leave us no descriptor (prlimit). */
	DIR *files = opendir("/proc/self/fd");
	sigset_t all, word;
	int signal;

	sigfillset(&all);
	sigemptyset(&word);
	sigaddset(&word, DEATH_WORD);
	if (!files || sigprocmask(SIG_SETMASK, &all, NULL) < 0 ||
	    prctl(PR_SET_PDEATHSIG, DEATH_WORD) < 0)
		_exit(1);
	(void)prctl(PR_SET_NAME, "warden-keeper");
	/* Anybody of our uid may send that signal: only who our parent is tells. */
	while (getppid() == warden)
		(void)sigwait(&word, &signal);
	end_everybody(files);
}

pid_t keeper_start(void)
{
	pid_t warden = getpid();
	/* As fork(2), but for the files; without a stack the order of the others does not matter. */
	long pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);

	if (pid < 0)
		return -errno;
	if (pid == 0)
		be_keeper(warden);
	return (pid_t)pid;
}

void keeper_end(pid_t keeper)
{
	if (keeper > 0)
		kill(keeper, SIGKILL); /* our child, not reaped: the number is its own */
}
