// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  an event that a hook does not see, or sees twice, is a hole in whatever rests on it.
 * Steps:   hooks on one kind of event or several, then 10,000 of each: calls and their ends, the same where each call
 *          ends on another CPU, and so in another ring, than it began on, if there is one; processes that are made,
 *          execute a program and end, signals. Each is numbered by its argument, its result, its argv or its
 *          status. The rings are emptied often enough.
 * Success: a record is not in every field what comes next, not all of them came, or the hook has counted others.
 * Source:  false negatives of hook drivers that nobody counts.
 */
#include "broken.h"
#include "expected.h"
#include "tiny.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MASKS	  512
#define CPUS_MOST 8192 /* of all kernels (NR_CPUS): none reads more of a set */

static const char *const shapes[] = { "calls", "moved", "processes", "signals", NULL };

static void nothing(int signal)
{
	(void)signal;
}

static uint32_t mask_of(unsigned n)
{
	return n % MASKS;
}

/* umask(2) takes any value and returns the one before. */
static long set_mask(unsigned n)
{
	return syscall(SYS_umask, mask_of(n));
}

static void make_call(const struct session *s, struct expected *const sets[], unsigned n)
{
	struct pf_view *begins = &expected_add(sets[0], getpid())->view, *ends;
	long before = set_mask(n);

	begins->number = SYS_umask;
	begins->abi = s->hooks.info.abi;
	begins->args[0] = mask_of(n);
	ends = &expected_add(sets[1], getpid())->view;
	*ends = *begins;
	ends->result = before;
}

/* By sched_setaffinity(2), to the one CPU and to the other; it reads no more of a set than it needs. */
static void move(const struct session *s, struct expected *const sets[], unsigned n)
{
	static union {
		cpu_set_t set;
		char whole[CPUS_MOST / 8];
	} only;
	struct pf_view *begins = &expected_add(sets[0], getpid())->view, *ends;

	CPU_ZERO(&only.set);
	CPU_SET(n % (unsigned)sysconf(_SC_NPROCESSORS_ONLN), &only.set);
	begins->number = SYS_sched_setaffinity;
	begins->abi = s->hooks.info.abi;
	begins->args[0] = sizeof(only) + n;
	if (syscall(SYS_sched_setaffinity, 0, sizeof(only) + n, &only))
		kit_broken("sched_setaffinity");
	ends = &expected_add(sets[1], getpid())->view;
	*ends = *begins;
}

/* The program ends with the first byte of its argv: so it says itself what it was started with. */
static pid_t execute(char words[])
{
	static char name[] = "tiny";
	char *const argv[] = { name, words, NULL }, *const none[] = { NULL };
	pid_t pid = vfork();

	if (pid == 0) {
		execve(TINY, argv, none);
		_exit(KIT_BROKEN);
	}
	return pid;
}

static void make_process(const struct session *s, struct expected *const sets[], unsigned n)
{
	struct expected_event *event;
	char words[16];
	int length = snprintf(words, sizeof(words), "%c-%u", '0' + n % 64, n), status;
	pid_t pid = execute(words);

	(void)s;
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != words[0] << 8)
		kit_broken("process");
	event = expected_add(sets[0], getpid());
	event->view.args[0] = (uint64_t)pid;
	event = expected_add(sets[1], pid);
	event->view.args[0] = 2; /* words of its argv */
	expected_data(event, 0, TINY, sizeof(TINY) - 1);
	expected_data(event, 1, "tiny", sizeof("tiny"));
	expected_data(event, 1, words, (size_t)length + 1);
	event = expected_add(sets[2], pid);
	event->view.args[0] = (uint64_t)status;
	event->view.args[1] = 1; /* it leads its process */
}

/* By tgkill(2) and by kill(2), which have codes of their own. */
static void send_signal(const struct session *s, struct expected *const sets[], unsigned n)
{
	struct pf_view *view = &expected_add(sets[0], getpid())->view;

	(void)s;
	if (n % 2 ? raise(SIGUSR1) : kill(getpid(), SIGUSR2))
		kit_broken("signal");
	view->args[0] = n % 2 ? SIGUSR1 : SIGUSR2;
	view->args[1] = (uint64_t)(n % 2 ? SI_TKILL : SI_USER);
}

static const struct expected_work works[] = {
	{ make_call,
	  { { EXPECTED_HOOK(PF_CALL, "every-event", SYS_umask), .parameters = { { 0, 4, 0, 0 } } },
	    { EXPECTED_HOOK(PF_RETURN, "every-event", SYS_umask),
	      .parameters = { { 0, 4, 0, 0 } } } } },
	{ move,
	  { { EXPECTED_HOOK(PF_CALL, "every-event", SYS_sched_setaffinity),
	      .parameters = { { 1, 4, 0, 0 } } },
	    { EXPECTED_HOOK(PF_RETURN, "every-event", SYS_sched_setaffinity),
	      .parameters = { { 1, 4, 0, 0 } } } } },
	{ make_process,
	  { { EXPECTED_HOOK(PF_FORK, "every-event", -1) },
	    { EXPECTED_HOOK(PF_EXEC, "tiny", -1) },
	    { EXPECTED_HOOK(PF_EXIT, "tiny", -1) } } },
	{ send_signal, { { EXPECTED_HOOK(PF_SIGNAL, "every-event", -1) } } },
};

int main(int argc, char **argv)
{
	if (signal(SIGUSR1, nothing) == SIG_ERR || signal(SIGUSR2, nothing) == SIG_ERR)
		kit_broken("signal");
	tiny_make();
	return expected_run(argc, argv, shapes, works);
}
