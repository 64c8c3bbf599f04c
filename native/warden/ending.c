// SPDX-License-Identifier: Apache-2.0
#include "ending.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/time.h>

/* It may come between a look at asked_by and the wait that follows: so it is said again. */
#define AGAIN_US 10000

static volatile sig_atomic_t asked_by;

static void repeat(long interval_us)
{
	const struct itimerval timer = { { 0, interval_us }, { 0, interval_us } };

	/* A bare system call, so handlers may make it. It cannot fail: the times are good. */
	(void)setitimer(ITIMER_REAL, &timer, NULL);
}

static void on_end(int signal)
{
	asked_by = signal;
	repeat(AGAIN_US);
}

/* What it interrupts is all that it is for. */
static void on_again(int signal)
{
	(void)signal;
}

int ending_open(void)
{
	const int numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGALRM };
	struct sigaction action = { 0 };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		action.sa_handler = numbers[i] == SIGALRM ? on_again : on_end;
		if (sigaction(numbers[i], &action, NULL) < 0)
			return -errno;
		sigaddset(&set, numbers[i]);
	}
	return sigprocmask(SIG_UNBLOCK, &set, NULL) < 0 ? -errno : 0;
}

int ending_signal(void)
{
	if (asked_by)
		repeat(0);
	return asked_by;
}
