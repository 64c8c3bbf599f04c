// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a tracer makes another call of a call, or has it skipped, before the hooks are asked: told is what
 *          was asked for, which nobody makes.
 * Steps:   a traced child calls getppid(2), of which its tracer makes getpgid(2), or no call at all; then it
 *          calls getpgid itself.
 * Success: a hook sees getppid, or does not see each getpgid.
 * Source:  kernels for mips, which noted the number before the tracer was asked, and did not look at it again.
 */
#include "broken.h"
#include "session.h"

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const shapes[] = { "replaced", "skipped", NULL };

/* --- a call's number, for who has stopped its task before it ----------------------------------------- */

#if defined(__aarch64__)
static long number_of(pid_t pid)
{
	int number = 0;
	struct iovec iov = { &number, sizeof(number) };

	if (ptrace(PTRACE_GETREGSET, pid, (void *)NT_ARM_SYSTEM_CALL, &iov))
		kit_broken("number");
	return number;
}

static void set_number(pid_t pid, long to)
{
	int number = (int)to;
	struct iovec iov = { &number, sizeof(number) };

	if (ptrace(PTRACE_SETREGSET, pid, (void *)NT_ARM_SYSTEM_CALL, &iov))
		kit_broken("number");
}
#else
#if defined(__x86_64__)
#define REGISTER (15 * (long)sizeof(long)) /* orig_rax */
#elif defined(__arm__)
#define REGISTER (7 * (long)sizeof(long)) /* r7, where it is asked for */
#else
#define REGISTER 2L /* v0 */
#endif

static long number_of(pid_t pid)
{
	long number;

	errno = 0;
	number = ptrace(PTRACE_PEEKUSER, pid, (void *)REGISTER, NULL);
	if (errno)
		kit_broken("number");
	return number;
}

static void set_number(pid_t pid, long to)
{
#ifdef __arm__
	if (ptrace(PTRACE_SET_SYSCALL, pid, NULL, (void *)to))
#else
	if (ptrace(PTRACE_POKEUSER, pid, (void *)REGISTER, (void *)to))
#endif
		kit_broken("number");
}
#endif

/* --- trials ------------------------------------------------------------------------------------------- */

static _Noreturn void call(void)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) || raise(SIGSTOP))
		kit_broken("traceme");
	syscall(SYS_getppid);
	syscall(SYS_getpgid, 0);
	_exit(0);
}

static void go_on(pid_t pid, int how, bool stops)
{
	int status;

	if (ptrace(how, pid, NULL, NULL) || waitpid(pid, &status, 0) != pid ||
	    !!WIFSTOPPED(status) != stops)
		kit_broken("tracee");
}

static pid_t trace(struct session *s, long number)
{
	pid_t pid = kit_fork(&s->kit);
	int status;

	if (pid == 0)
		call();
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		kit_broken("tracee");
	do
		go_on(pid, PTRACE_SYSCALL, true);
	while (number_of(pid) != SYS_getppid);
	if (!s->kit.honest)
		set_number(pid, number);
	go_on(pid, PTRACE_CONT, false);
	return pid;
}

struct looks {
	struct session_of made, asked;
	unsigned *seen_asked;
};

static bool is_made(const struct pf_record *record, const void *context)
{
	const struct looks *l = context;

	*l->seen_asked += session_is_of(record, &l->asked);
	return session_is_of(record, &l->made);
}

int main(int argc, char **argv)
{
	struct pf_hook made = hooks_all(PF_CALL), asked = hooks_all(PF_CALL);
	struct looks l = {};
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	made.number = s.defended ? SYS_getpgid : SYS_getppid;
	asked.number = SYS_getppid;
	l.made.hook = session_add(&s, &made);
	l.asked.hook = session_add(&s, &asked);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		bool replaced = !s.kit.honest && kit_shape_is(&s.kit, "replaced");
		unsigned wanted = replaced ? 2 : 1, seen, seen_asked = 0;

		l.made.pid = l.asked.pid = trace(&s, replaced ? SYS_getpgid : -1);
		l.seen_asked = &seen_asked;
		seen = session_count(&s, is_made, &l);
		session_judged(n, seen == wanted && seen_asked == s.kit.honest, wanted, seen);
	}
	hooks_close(&s.hooks);
	return 0;
}
