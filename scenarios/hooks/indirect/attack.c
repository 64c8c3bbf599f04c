// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  o32 has a call that makes another one, syscall(2): a hook that goes by the number that came
 *          in sees syscall and not what is made, and its arguments one place off. What it did to them may
 *          be taken back at the wrong place, as kernels move them, and make the call anew as a direct one.
 * Steps:   mkdirat(2) by syscall(2), with five arguments, the mode among them. Or read(2) of an empty pipe,
 *          for which a hook sets another pipe, and a signal that has it made again; that pipe may be of the
 *          descriptor that is read's number.
 * Success: a hook on mkdirat with that mode does not see it. Or what is read is not of the hook's pipe.
 * Source:  indirect calls on mips, which older tracers did not resolve.
 */
#include "broken.h"
#include "session.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH "/tmp/indirect"
#define MODE 0751
#define OWN  'a'
#define SET  'b'

static const char *const shapes[] = { "plain", "again", "same", NULL };

static long call(bool indirectly, long number, long a, long b, long c)
{
#ifdef __mips__
	if (indirectly)
		return syscall(SYS_syscall, number, a, b, c);
#else
	(void)indirectly;
#endif
	return syscall(number, a, b, c);
}

/* --- seen ------------------------------------------------------------------------------------------- */

static void try_to_hide(struct session *s, unsigned n)
{
	struct sock_filter program[SESSION_EQUALS_LENGTH];
	struct pf_hook hook = hooks_all(PF_CALL);
	struct session_of of = { .pid = getpid() };

	/* Without resolving: the number as it comes in. */
	hook.number = s->defended ? SYS_mkdirat : 4000;
	hook.parameters[2] = (struct pf_parameter){ 2, 2, 0, 0 };
	session_equals(program, offsetof(struct pf_view, args[2]), MODE);
	session_give(&hook, program, SESSION_EQUALS_LENGTH);
	of.hook = session_add(s, &hook);
	if (call(!s->kit.honest, SYS_mkdirat, AT_FDCWD, (long)PATH, MODE) || rmdir(PATH))
		kit_broken(PATH);
	session_looked(n, 1, session_count(s, session_is_of, &of));
	session_remove(s, of.hook);
}

/* --- made again ------------------------------------------------------------------------------------- */

static volatile int *signals; /* how many came; shared */

static void on_signal(int signal)
{
	(void)signal;
	*signals = 1;
}

static _Noreturn void read_from(const struct session *s, int fd)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	char byte = 0;

	if (sigaction(SIGUSR1, &action, NULL))
		kit_broken("sigaction");
	_exit(call(!s->kit.honest, SYS_read, fd, (long)&byte, 1) == 1 ? byte : 0);
}

static void make_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC))
		kit_broken("pipe");
}

/* Its first argument is what its number was, then. */
static void make_same(int ends[2])
{
	const struct rlimit limit = { SYS_read + 1, SYS_read + 1 };

	if (setrlimit(RLIMIT_NOFILE, &limit) || dup3(ends[0], SYS_read, O_CLOEXEC) < 0 ||
	    close(ends[0]))
		kit_broken("descriptor");
	ends[0] = SYS_read;
}

static int set_pipe(struct session *s, struct sock_filter *program, int own, int to)
{
	struct pf_hook hook = hooks_all(PF_CALL);

	hook.number = SYS_read;
	hook.parameters[0] = (struct pf_parameter){ 0, 4, PF_PARAMETER_SIGNED, 0 };
	if (s->defended) {
		hook.deed = PF_DO_SET_ARGUMENT;
		hook.value = to;
	}
	strcpy(hook.comm, "indirect");
	session_equals(program, offsetof(struct pf_view, args[0]), (uint64_t)own);
	session_give(&hook, program, SESSION_EQUALS_LENGTH);
	return session_add(s, &hook);
}

static void try_again(struct session *s, unsigned n)
{
	struct sock_filter program[SESSION_EQUALS_LENGTH];
	int own[2], set[2], status;
	struct session_of of;
	unsigned seen;

	make_pipe(own);
	make_pipe(set);
	if (kit_shape_is(&s->kit, "same"))
		make_same(set);
	of.hook = set_pipe(s, program, own[0], set[0]);
	*signals = 0;
	of.pid = kit_fork(&s->kit);
	if (of.pid == 0)
		read_from(s, own[0]);
	session_await_sleep(of.pid);
	if (kill(of.pid, SIGUSR1))
		kit_broken("kill");
	while (!*signals)
		kit_sleep_ns(100000);
	session_await_sleep(of.pid);
	if (write(set[1], &(char){ SET }, 1) != 1 || write(own[1], &(char){ OWN }, 1) != 1 ||
	    waitpid(of.pid, &status, 0) != of.pid)
		kit_broken("reader");
	seen = session_count(s, session_is_of, &of);
	session_judged(n, seen == 2 && WIFEXITED(status) && WEXITSTATUS(status) == SET, 2, seen);
	session_remove(s, of.hook);
	for (int i = 0; i < 2; i++)
		if (close(own[i]) || close(set[i]))
			kit_broken("pipe");
}

int main(int argc, char **argv)
{
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	signals = kit_shared(sizeof(*signals));
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		if (kit_shape_is(&s.kit, "plain"))
			try_to_hide(&s, n);
		else
			try_again(&s, n);
	}
	hooks_close(&s.hooks);
	return 0;
}
