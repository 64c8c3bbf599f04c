// SPDX-License-Identifier: Apache-2.0
/*
 * Every call stops once, at the filter, where it is counted; a second time, at its end, only if it
 * says something of files or addresses. What it says is taken from the kernel then: what a
 * descriptor leads to, what became of a name, who a socket's peer is.
 */
#include "observe.h"

#include "../arch/arch.h"
#include "../capabilities.h"
#include "../command.h"
#include "../pidmap.h"
#include "../proc.h"
#include "observer.h"
#include "trust.h"

#include "jsonl.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPTIONS                                                                                    \
	(PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |     \
	 PTRACE_O_TRACEEXIT | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)
#define CALL_STOP (SIGTRAP | 0x80) /* PTRACE_O_TRACESYSGOOD */

/* SECCOMP_RET_DATA, as PTRACE_GETEVENTMSG gives it. */
enum { MARK_CALL, MARK_FOREIGN };

/* How late a signal of ours may be heeded. */
#define TICK_US 200000

#define EXIT_GATE 126

struct run {
	struct observer o;
	struct observation *out;
	pid_t root;
	bool over;	      /* the command has ended */
	bool fresh;	      /* somebody was born since all were killed */
	uint64_t deadline_ns; /* 0: none */
};

static volatile sig_atomic_t end_signal;

/* SIGALRM only interrupts a wait: a signal that came just before it is seen then. */
static void take_signal(int number)
{
	if (number != SIGALRM)
		end_signal = number;
}

static int fail(struct run *r, const char *step, int error)
{
	if (!r->out->step) {
		r->out->step = step;
		r->out->error = error;
	}
	return error;
}

/* --- the command ------------------------------------------------------------------------------ */

static int install(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, arch.audit, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		/* A number is never -1: where no other ABI shares the table, nothing is foreign here. */
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, arch.alien_bit, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | MARK_CALL),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | MARK_FOREIGN),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0 ? -errno : 0;
}

/* Traced from its gate on; the filter needs a tracer, or no call would be there. */
static _Noreturn void be_command(struct command *command, int gate, pid_t parent)
{
	char byte;
	ssize_t n;
	int err;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(EXIT_GATE);
	do {
		n = read(gate, &byte, 1);
	} while (n < 0 && errno == EINTR);
	if (n != 1 || close(gate) < 0)
		_exit(EXIT_GATE);
	/* As under `warden run`. */
	err = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno
							 : capabilities_drop(CAP_SYS_PTRACE);
	if (!err)
		err = install();
	if (err) {
		dprintf(STDERR_FILENO, "warden: the command cannot be watched: %s\n",
			strerror(-err));
		_exit(EXIT_GATE);
	}
	command_exec(command);
	_exit(EXIT_GATE);
}

static int start(struct run *r, struct command *command)
{
	pid_t parent = getpid();
	int gate[2];

	if (pipe2(gate, O_CLOEXEC) < 0)
		return fail(r, "pipe", -errno);
	r->root = fork();
	if (r->root == 0) {
		close(gate[1]);
		be_command(command, gate[0], parent);
	}
	close(gate[0]);
	if (r->root < 0) {
		close(gate[1]);
		return fail(r, "fork", -errno);
	}
	if (ptrace(PTRACE_SEIZE, r->root, NULL, (void *)(long)OPTIONS) < 0)
		fail(r, "the command cannot be traced", -errno);
	else if (!watched_add(&r->o.tasks, r->root, r->root))
		fail(r, "watch", -ENOMEM);
	else if (write(gate[1], "", 1) != 1)
		fail(r, "gate", -errno);
	close(gate[1]); /* without the byte it ends */
	return r->out->error;
}

/* --- stops ------------------------------------------------------------------------------------ */

static struct watched *on_birth(struct run *r, pid_t tid)
{
	pid_t tgid = proc_tgid(tid);
	struct watched *t = watched_add(&r->o.tasks, tid, tgid > 0 ? tgid : tid);

	if (!t) {
		kill(tid, SIGKILL); /* our tracee, not reaped: the number is its own */
		fail(r, "watch", -ENOMEM);
		return NULL;
	}
	t->born = r->fresh = true;
	t->settled = false;
	if (r->o.tasks.processes > r->o.seen->processes)
		r->o.seen->processes = r->o.tasks.processes;
	return t;
}

static void on_death(struct run *r, pid_t tid, int status)
{
	struct watched *t = watched_find(&r->o.tasks, tid);

	if (t) {
		trust_death(&r->o.tasks, t);
		watched_drop(&r->o.tasks, t);
	}
	if (tid != r->root)
		return;
	r->over = true;
	r->out->status = status;
}

static void on_call(struct run *r, struct watched *t)
{
	unsigned long mark;
	int error = ENOSYS;

	watched_forget(t); /* of a call that was restarted */
	if (ptrace(PTRACE_GETEVENTMSG, t->tid, NULL, &mark) < 0)
		return; /* it was killed in its stop */
	if (mark == MARK_FOREIGN)
		r->o.seen->foreign++;
	else
		error = said_begin(&r->o, t);
	if (!error)
		return;
	if (arch.call_skip(t->tid, error))
		kill(t->tid, SIGKILL); /* no other way is left to keep the call from being made */
	t->refusal = arch.call_finish ? error : 0;
}

static void on_call_end(struct run *r, struct watched *t)
{
	if (t->refusal)
		(void)arch.call_finish(t->tid, t->refusal); /* fails only for who was killed */
	else
		said_end(&r->o, t);
	t->refusal = 0;
}

static void on_exec(struct run *r, pid_t tid)
{
	struct watched *former, *t;
	unsigned long message;

	if (ptrace(PTRACE_GETEVENTMSG, tid, NULL, &message) < 0)
		return;
	/* A thread that was not the first has the first one's number now. */
	former = (pid_t)message == tid ? NULL : watched_find(&r->o.tasks, (pid_t)message);
	if (former)
		watched_drop(&r->o.tasks, former);
	t = watched_find(&r->o.tasks, tid);
	if ((pid_t)message != tid)
		watched_forget(t); /* it was in another call */
	t->born = true;
	image_seen(&r->o, t);
	watched_forget(t);
}

static void on_fork(struct run *r, pid_t parent, int event)
{
	unsigned long child;

	if (ptrace(PTRACE_GETEVENTMSG, parent, NULL, &child) < 0)
		return;
	if (!watched_find(&r->o.tasks, (pid_t)child) && proc_tgid((pid_t)child) < 0)
		return; /* its death came first */
	if (watched_find(&r->o.tasks, (pid_t)child) || on_birth(r, (pid_t)child))
		trust_birth(&r->o.tasks, parent, (pid_t)child, event);
}

static bool is_group_stop(int status)
{
	int signal = WSTOPSIG(status);

	return status >> 16 == PTRACE_EVENT_STOP &&
	       (signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU);
}

static void on_stop(struct run *r, pid_t tid, int status)
{
	struct watched *t = watched_find(&r->o.tasks, tid);

	switch (status >> 16) {
	case 0:
		if (WSTOPSIG(status) == CALL_STOP)
			on_call_end(r, t);
		break;
	case PTRACE_EVENT_SECCOMP:
		on_call(r, t);
		break;
	case PTRACE_EVENT_EXEC:
		on_exec(r, tid);
		break;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		on_fork(r, tid, status >> 16);
		break;
	case PTRACE_EVENT_EXIT:
		image_last_seen(&r->o, tid);
		break;
	default:
		break;
	}
}

/* Lets a stopped task go on, with the signal that stopped it. */
static void go_on(struct run *r, pid_t tid, int status)
{
	const struct watched *t = watched_find(&r->o.tasks, tid);
	bool by_signal = status >> 16 == 0 && WSTOPSIG(status) != CALL_STOP;
	long signal = by_signal ? WSTOPSIG(status) : 0;

	/* ESRCH: killed in its stop. Its death is still to come. */
	if (is_group_stop(status))
		(void)ptrace(PTRACE_LISTEN, tid, NULL, NULL);
	else
		(void)ptrace(t && watched_awaits_end(t) ? PTRACE_SYSCALL : PTRACE_CONT, tid, NULL,
			     (void *)signal);
}

static void take(struct run *r, pid_t tid, int status)
{
	if (!proc_stopped(status))
		return on_death(r, tid, status);
	if (!watched_find(&r->o.tasks, tid) && !on_birth(r, tid))
		return;
	on_stop(r, tid, status);
	go_on(r, tid, status);
}

/* Whether whoever is left has to go. */
static bool is_over(struct run *r)
{
	if (r->deadline_ns && !r->over && jsonl_now() >= r->deadline_ns)
		r->out->timed_out = true;
	return r->over || r->out->step || end_signal || r->out->timed_out;
}

static void watch(struct run *r)
{
	while (r->o.tasks.count) {
		int status;
		pid_t tid;

		if (r->fresh && is_over(r)) {
			watched_kill_all(&r->o.tasks);
			r->fresh = false;
		}
		tid = waitpid(-1, &status, __WALL);
		if (tid > 0) {
			take(r, tid, status);
		} else if (errno == ECHILD) {
			break;
		} else if (errno != EINTR) {
			fail(r, "wait", -errno);
			break;
		}
	}
	r->out->end_signal = end_signal;
}

static int handle_signals(void (*handler)(int))
{
	static const int all[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM };
	struct sigaction action = { .sa_handler = handler };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (sigaction(all[i], &action, NULL) < 0)
			return -errno;
	return 0;
}

static int take_signals(void)
{
	struct itimerval tick = { { 0, TICK_US }, { 0, TICK_US } };
	int err = handle_signals(take_signal);

	return err ? err : setitimer(ITIMER_REAL, &tick, NULL) < 0 ? -errno : 0;
}

/* What comes behind the command's end has nobody to take along that does not go with us. */
static int give_signals_back(void)
{
	struct itimerval none = { { 0, 0 }, { 0, 0 } };

	return setitimer(ITIMER_REAL, &none, NULL) < 0 ? -errno : handle_signals(SIG_DFL);
}

void observe(char **command, uint64_t limit_ns, struct seen *seen, struct observation *out)
{
	static struct run r; /* large tables */
	struct command c;
	int err;

	*out = (struct observation){ 0 };
	r = (struct run){ .o.seen = seen, .out = out, .fresh = true };
	seen->processes = 1;
	command_init(&c, command);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		fail(&r, "PR_SET_CHILD_SUBREAPER", -errno);
	else if ((err = take_signals()))
		fail(&r, "signals", err);
	else
		(void)start(&r, &c);
	r.deadline_ns = limit_ns ? jsonl_now() + limit_ns : 0;
	if (r.root > 0)
		watch(&r);
	err = give_signals_back();
	if (err && !out->step)
		fail(&r, "signals", err);
	said_all(&r.o);
	watched_free(&r.o.tasks);
}
