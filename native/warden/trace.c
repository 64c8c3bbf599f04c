// SPDX-License-Identifier: Apache-2.0
/*
 * The backend of SECCOMP_RET_TRACE, for kernels from 4.8 (before that a call was judged before its
 * number could change). The root command is seized at its gate; whoever it makes is traced by
 * birth, for life. A task that asks is in a ptrace stop: nothing but our answer, or its death, ends
 * it.
 */
#include "backend.h"

#include "arch/arch.h"
#include "warden.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ptrace.h>

static int open_trace(struct warden *w, const struct launched *l)
{
	struct tracee *root;

	(void)l;
	w->calls_fd = -1; /* wait(2) tells of calls as of everything else */
	w->asking_is_held = true;
	w->tracees.lasting = true;
	return tracee_seize(&w->tracees, w->root, &root);
}

static int drain(struct warden *w)
{
	(void)w;
	return 0;
}

static struct tracee *asker(struct warden *w, const struct held *call)
{
	struct tracee *t = tracee_find(&w->tracees, call->tid);

	return t && t->asked == call->id ? t : NULL;
}

static struct tracee *longest_waiting(struct tracees *tracees)
{
	struct asking *q = &tracees->asking;

	while (q->first != q->end) {
		struct question next = q->at[q->first++ & (q->size - 1)];
		struct tracee *t = tracee_find(tracees, next.tid);

		if (t && t->asked == next.serial)
			return t;
	}
	return NULL;
}

/* A program's own filter may trace other calls. With no tracer of its own they do not exist. */
static bool is_ours(const struct warden *w, int number)
{
	return policy_asks(w->policy, number) || number == arch.execve || number == arch.execveat ||
	       number == arch.fork || number == arch.vfork || number == arch.clone ||
	       number == arch.clone3;
}

static int refuse(struct warden *w, const struct held *call, int error)
{
	struct tracee *t = asker(w, call);
	int err;

	if (!t)
		return -ENOENT;
	err = arch.call_skip(t->tid, error);
	if (err && err != -ESRCH)
		kill(t->tid, SIGKILL); /* no other way is left to keep the call from being made */
	t->asked = 0;
	t->refusal = arch.call_finish ? error : 0;
	if (!err)
		err = tracee_resume(t);
	return err == -ESRCH ? -ENOENT : err;
}

static bool pop(struct warden *w, struct held *out)
{
	struct tracee *t;

	while ((t = longest_waiting(&w->tracees))) {
		*out = (struct held){ .id = t->asked, .tid = t->tid };
		/* It fails only for who was killed in its stop, whose death is still to come. */
		if (arch.call_read(t->tid, &out->number, out->args))
			continue;
		if (is_ours(w, out->number))
			return true;
		(void)refuse(w, out, ENOSYS);
	}
	return false;
}

static bool asks(struct warden *w, pid_t tid)
{
	struct tracee *t = tracee_find(&w->tracees, tid);

	return t && t->asked;
}

static bool valid(struct warden *w, const struct held *call)
{
	unsigned long message;

	/* It cannot be reaped without us, but it may be dead. */
	return asker(w, call) && ptrace(PTRACE_GETEVENTMSG, call->tid, NULL, &message) == 0;
}

static int let(struct warden *w, const struct held *call)
{
	struct tracee *t = asker(w, call);
	int err;

	if (!t)
		return -ENOENT;
	t->asked = 0;
	err = tracee_resume(t);
	return err == -ESRCH ? -ENOENT : err;
}

static int follow(struct warden *w, const struct held *call, struct tracee *t)
{
	int err;

	/* While it is stopped: it disturbs no exec, and a failed one meets it on its way back. */
	if (ptrace(PTRACE_INTERRUPT, call->tid, NULL, NULL) < 0)
		return errno == ESRCH ? -ENOENT : -errno;
	err = let(w, call);
	t->interrupted = !err;
	return err;
}

const struct backend backend_trace = {
	.name = "trace",
	.ask = SECCOMP_RET_TRACE,
	.open = open_trace,
	.drain = drain,
	.pop = pop,
	.asks = asks,
	.valid = valid,
	.let = let,
	.refuse = refuse,
	.follow = follow,
};

static int open_blind(struct warden *w, const struct launched *l)
{
	(void)l;
	w->calls_fd = -1;
	w->tracees.lasting = true; /* so deaths are learned from wait(2), too */
	return 0;
}

/* Without tracees no call is ever there to be answered. */
const struct backend backend_blind = {
	.name = "trace",
	.ask = SECCOMP_RET_ALLOW,
	.open = open_blind,
	.drain = drain,
	.pop = pop,
	.asks = asks,
	.valid = valid,
	.let = let,
	.refuse = refuse,
	.follow = follow,
};
