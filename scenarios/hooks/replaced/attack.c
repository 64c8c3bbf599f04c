// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a tracer makes another call of a call, or has it skipped, or seccomp refuses it, before the hooks are
 *          asked: told is what was asked for, which nobody makes; and a hook has the last word on its result.
 * Steps:   a traced child calls getppid(2), of which its tracer makes getpgid(2), or no call at all; or a filter
 *          refuses it, and a hook has another result for that. Then it calls getpgid itself.
 * Success: a hook sees getppid, or does not see each getpgid, or the end of getppid as that of a call that was
 *          made; or the child gets another answer than the filter's.
 * Source:  kernels for mips, which noted the number before the tracer was asked, and did not look at it again.
 */
#include "broken.h"
#include "session.h"
#include "traced.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const shapes[] = { "replaced", "skipped", "refused", NULL };

/* Kernels for mips may have forgotten by its end which call it was. */
#ifdef __mips__
#define LATE -1
#else
#define LATE SYS_getppid
#endif

/* Old ones for arm do not tell of the end of what was refused. */
#ifdef __arm__
#define MAY_BE_UNTOLD true
#else
#define MAY_BE_UNTOLD false
#endif

/* --- trials ------------------------------------------------------------------------------------------- */

static int call(void *context)
{
	(void)context;
	syscall(SYS_getppid);
	syscall(SYS_getpgid, 0);
	return 0;
}

static pid_t trace(struct session *s, long number)
{
	pid_t pid = traced_start(&s->kit, SYS_getppid, call, NULL);

	if (!s->kit.honest)
		traced_set_number(pid, number);
	if (traced_end(pid))
		kit_broken("tracee");
	return pid;
}

static void refuse(int number, int error)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		kit_broken("seccomp");
}

/* Its exit status is 1 if it gets another answer than that of the kernel, or of the filter. */
static int call_refused(struct session *s, void *context)
{
	pid_t parent = *(pid_t *)context;
	long got;

	if (!s->kit.honest)
		refuse(SYS_getppid, EXDEV);
	got = syscall(SYS_getppid);
	if (s->kit.honest ? got != parent : got != -1 || errno != EXDEV)
		return 1;
	syscall(SYS_getpgid, 0);
	return 0;
}

static pid_t try_refused(struct session *s, bool *right)
{
	pid_t parent = getpid(), pid = kit_fork(&s->kit);
	int status;

	if (pid == 0)
		_exit(call_refused(s, &parent));
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		kit_broken("child");
	*right = WEXITSTATUS(status) == 0;
	return pid;
}

struct seen {
	unsigned asked, ended, ended_as_made;
};

struct looks {
	struct session_of made, asked, ended;
	struct seen *seen;
};

static bool is_made(const struct pf_record *record, const void *context)
{
	const struct looks *l = context;

	l->seen->asked += session_is_of(record, &l->asked);
	if (session_is_of(record, &l->ended))
		++*(record->flags & PF_NO_CALL ? &l->seen->ended : &l->seen->ended_as_made);
	return session_is_of(record, &l->made);
}

/* Sets another result where the filter's is. */
static int add_ended(struct session *s)
{
	struct sock_filter program[SESSION_EQUALS_LENGTH];
	struct pf_hook ended = hooks_all(PF_RETURN);

	ended.number = LATE;
	ended.deed = PF_DO_SET_RESULT;
	ended.value = 123456;
	session_equals(program, offsetof(struct pf_view, result), (uint64_t)-EXDEV);
	session_give(&ended, program, SESSION_EQUALS_LENGTH);
	return session_add(s, &ended);
}

static bool is_told(const struct seen *seen, bool refused)
{
	if (seen->ended_as_made)
		return false;
	return seen->ended == refused || (refused && MAY_BE_UNTOLD && !seen->ended);
}

static void try(struct session *s, unsigned n, struct looks *l)
{
	bool replaced = !s->kit.honest && kit_shape_is(&s->kit, "replaced"), right = true;
	bool refused = kit_shape_is(&s->kit, "refused");
	unsigned wanted = replaced ? 2 : 1, seen;
	struct seen others = {};
	pid_t pid;

	pid = refused ? try_refused(s, &right) : trace(s, replaced ? SYS_getpgid : -1);
	l->made.pid = l->asked.pid = l->ended.pid = pid;
	l->seen = &others;
	seen = session_count(s, is_made, l);
	right = right && seen == wanted && others.asked == s->kit.honest &&
		is_told(&others, refused && !s->kit.honest) &&
		!session_counts(s, l->ended.hook).done;
	session_judged(n, right, wanted, seen);
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
	l.ended.hook = add_ended(&s);
	for (unsigned n = 1; n <= s.kit.trials; n++)
		try(&s, n, &l);
	hooks_close(&s.hooks);
	return 0;
}
