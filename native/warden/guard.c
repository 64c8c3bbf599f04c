// SPDX-License-Identifier: Apache-2.0
#include "guard.h"

#include "arch/arch.h"
#include "flaws.h"
#include "freeze.h"
#include "image.h"
#include "jsonl.h"
#include "proc.h"
#include "remote.h"
#include "verify.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* From the first seize to the answer; who cannot be stopped by then (state D) makes it a refusal.
 */
#define JUDGE_NS 2000000000u

/* The arguments as the task passed them. 0 or -errno. */
static int read_call(const struct warden *w, const struct held *held, pid_t tgid,
		     uint64_t deadline_ns, struct exec_call *call)
{
	bool at = held->number == arch.execveat;
	const uint64_t *args = at ? held->args + 1 : held->args;
	int err;

	call->tid = held->tid;
	call->tgid = tgid;
	call->dirfd = at ? (int)held->args[0] : AT_FDCWD;
	call->flags = at ? (int)held->args[4] : 0;
	err = remote_string(held->tid, args[0], call->path, sizeof(call->path));
	if (!err)
		err = remote_argv(held->tid, args[1], deadline_ns, &call->argv);
	args_clear(&call->envp);
	if (!err && policy_needs(w->policy, held->number).envp)
		err = remote_argv(held->tid, args[2], deadline_ns, &call->envp);
	return err ? err : image_name(call);
}

static const char *reason_of(int err)
{
	switch (-err) {
	case EFAULT:
		return "path or argv cannot be read: bad address";
	case EPERM:
	case EACCES:
		return "path or argv cannot be read: denied";
	case E2BIG:
		return "argv is longer than the warden judges";
	case ENAMETOOLONG:
		return "the path is too long";
	case EBADF:
		return "the directory fd is not open";
	case ETIMEDOUT:
		return "argv could not be read in time";
	default:
		return "path or argv cannot be read";
	}
}

/* What the kernel itself would say to such a call, or EPERM. */
static int errno_of(int err)
{
	switch (-err) {
	case EFAULT:
	case E2BIG:
	case ENAMETOOLONG:
	case EBADF:
		return -err;
	default:
		return EPERM;
	}
}

/* The errno of a call that is not made; who is to die never sees it. */
static int refusal_of(const struct policy_verdict *verdict)
{
	return verdict->action == POLICY_ERRNO ? verdict->error : EPERM;
}

/*
 * An exec holds a lock of its process until the other threads have ended, and those that we trace have
 * ended only when we have heard of it. Tracing one more of them, or (before 5.7) reading their memory,
 * would wait for that lock: so nobody is answered before the exec has come to its end.
 */
static int let_unguarded(struct warden *w, const struct held *held, pid_t tgid)
{
	bool traces = w->tracees.lasting || w->config->track == TRACK_FORK ||
		      w->config->guard == GUARD_STRICT;
	struct tracee *t = NULL;
	int err;

	if (!traces || proc_threads(tgid) == 1 || tracee_seize(&w->tracees, held->tid, &t))
		return w->backend->let(w, held);
	err = w->backend->follow(w, held, t);
	if (!err)
		verify_await(w, held->tid, tgid);
	return err;
}

/* As give_up, where a yes is an exec's. */
static void give_up_exec(struct warden *w, const struct held *held, pid_t tgid, int error,
			 const char *reason)
{
	if (!w->config->allow_unjudged)
		return give_up(w, held, tgid, error, reason);
	events_unjudged(&w->events, tgid, true, reason);
	(void)let_unguarded(w, held, tgid); /* fails only if the task is gone */
}

static void answer(struct warden *w, const struct held *held, pid_t tgid,
		   const struct policy_verdict *verdict)
{
	int err;

	if (verdict->action == POLICY_KILL && w->backend->valid(w, held) &&
	    kill(tgid, SIGKILL) == 0)
		events_killed(&w->events, tgid, "the policy says so");
	if (verdict->action != POLICY_ALLOW)
		err = w->backend->refuse(w, held, refusal_of(verdict));
	else if (flaw_is(FLAW_EARLY_DETACH))
		err = w->backend->let(w, held);
	else
		err = let_unguarded(w, held, tgid);
	if (err && err != -ENOENT && !w->error)
		w->error = err; /* EINVAL: the kernel knows no CONTINUE (before 5.5) */
}

static struct policy_verdict judge(const struct policy *policy, const struct exec_call *call,
				   const struct held *held, const char *path, const char *file,
				   const struct args *argv)
{
	/* The path as it was given, where a rule asks for the argument of that name. */
	unsigned given = held->number == arch.execveat ? 1 : 0;
	struct facts facts = {
		.number = held->number,
		.path = path,
		.argv = argv,
		.envp = &call->envp,
		.caller = call->tgid,
		.file = file,
	};

	memcpy(facts.args, held->args, sizeof(facts.args));
	facts.deep[given].bytes = (const unsigned char *)call->path;
	facts.deep[given].size = strlen(call->path);
	facts.deep[given].present = true;
	return policy_judge(policy, &facts);
}

static bool allows(const struct policy_verdict *verdict)
{
	return verdict->action == POLICY_ALLOW;
}

struct judgement {
	const struct policy *policy;
	const struct exec_call *call;
	const struct held *held;
	const struct image *image; /* the file that was reached last */
	struct policy_verdict verdict;
	char path[PATH_MAX]; /* that was judged last */
};

/* Profiles are about files as they are: each on the way is judged, by where it really is. */
static int judge_file(struct judgement *j, const struct args *argv)
{
	int err = j->policy->judge ? image_path(j->image, j->path) : 0;

	if (err || !j->policy->judge)
		return err;
	j->verdict = judge(j->policy, j->call, j->held, j->path, j->path, argv);
	return allows(&j->verdict) ? 0 : -ECANCELED;
}

/* An interpreter that a script names is an exec like any other. */
static int judge_interpreter(void *context, const char *path, const struct args *argv)
{
	struct judgement *j = context;

	if (j->policy->judge)
		return judge_file(j, argv);
	snprintf(j->path, sizeof(j->path), "%s", path);
	j->verdict = judge(j->policy, j->call, j->held, path, NULL, argv);
	return allows(&j->verdict) ? 0 : -ECANCELED;
}

static struct policy_verdict verdict_of_files(const struct judgement *j, int err)
{
	if (err == -ECANCELED)
		return j->verdict;
	if (err == -EACCES || err == -EAGAIN) /* it may be run all the same, or in a while */
		return (struct policy_verdict){ .action = POLICY_ERRNO, .error = -err };
	return (struct policy_verdict){ .action = POLICY_ALLOW };
}

/* What cannot be reached the kernel will not reach either, or it will be something else by then. */
static struct policy_verdict judge_files_running(struct warden *w, const struct held *held,
						 const struct exec_call *call)
{
	struct image image = { .fd = -1 };
	struct judgement j = { .policy = w->policy, .call = call, .held = held, .image = &image };
	struct args argv = { 0 };
	int err = args_copy_tail(&argv, &call->argv, 0);

	if (!err)
		err = image_resolve(call, &argv, judge_interpreter, &j, &image);
	if (!err)
		err = judge_file(&j, &argv);
	args_free(&argv);
	image_release(&image);
	return verdict_of_files(&j, err);
}

/* Reads and judges with everybody running: what is read here may be something else at the exec. */
static void judge_running(struct warden *w, const struct held *held, struct exec_call *call,
			  pid_t tgid)
{
	int err = read_call(w, held, tgid, jsonl_now() + JUDGE_NS, call);
	struct policy_verdict verdict;

	if (!warden_read_its(w, held, err))
		return;
	if (err) {
		give_up_exec(w, held, tgid, errno_of(err), reason_of(err));
		return;
	}
	verdict = judge(w->policy, call, held, call->judged, NULL, &call->argv);
	if (w->policy->judge)
		verdict = judge_files_running(w, held, call);
	events_judged(&w->events, tgid, allows(&verdict), verdict.line, call->judged, &call->argv);
	answer(w, held, tgid, &verdict);
}

static const char *denied_reason(const char *what, char *room, size_t size)
{
	int yama = proc_yama();

	if (yama > 0)
		snprintf(room, size, "%s cannot be traced: yama.ptrace_scope is %d", what, yama);
	else
		snprintf(room, size, "%s cannot be traced: not dumpable, or traced already", what);
	return room;
}

static const char *freeze_reason(int err, char *room, size_t size)
{
	if (err == -ETIMEDOUT)
		return "somebody who could write argv could not be stopped in time";
	if (err == -EINTR)
		return "the run is ending";
	if (err == -EPERM)
		return denied_reason("somebody who could write argv", room, size);
	return "somebody who could write argv could not be stopped";
}

/* The answer is yes: it is given once the caller is traced, and followed to the new image. */
static void let_through(struct warden *w, const struct held *held, struct exec_call *call,
			struct policy_verdict verdict, const struct approval *approval)
{
	struct tracee *t = NULL;
	char room[128];
	int err = tracee_seize(&w->tracees, held->tid, &t);

	if (!w->backend->valid(w, held))
		return; /* dead, or (before 5.19) interrupted: it will ask again */
	if (err) {
		give_up_exec(w, held, call->tgid, EPERM,
			     denied_reason("the caller", room, sizeof(room)));
		return;
	}
	events_judged(&w->events, call->tgid, true, verdict.line, call->judged, &call->argv);
	err = w->backend->follow(w, held, t);
	if (!err)
		verify_follow(w, approval);
	else if (err != -ENOENT && !w->error)
		w->error = err;
}

/* Everybody is stopped and the call is read: nothing that is judged now can change any more. */
static void judge_frozen(struct warden *w, const struct held *held, struct exec_call *call)
{
	struct approval approval = { .tid = call->tid, .tgid = call->tgid, .image.fd = -1 };
	struct judgement j = {
		.policy = w->policy, .call = call, .held = held, .image = &approval.image
	};
	struct policy_verdict verdict =
		judge(w->policy, call, held, call->judged, NULL, &call->argv);
	int err;

	if (!allows(&verdict)) {
		events_judged(&w->events, call->tgid, false, verdict.line, call->judged,
			      &call->argv);
		answer(w, held, call->tgid, &verdict);
		return;
	}
	if (policy_needs(w->policy, held->number).envp)
		approval.envp = &call->envp;
	err = args_copy_tail(&approval.argv, &call->argv, 0);
	if (!err)
		err = image_resolve(call, &approval.argv, judge_interpreter, &j, &approval.image);
	approval.known = !err;
	if (!err)
		err = judge_file(&j, &approval.argv);
	if (err == -ECANCELED) {
		events_judged(&w->events, call->tgid, false, j.verdict.line, j.path,
			      &approval.argv);
		answer(w, held, call->tgid, &j.verdict);
	} else if (err == -EACCES) {
		give_up_exec(w, held, call->tgid, EACCES,
			     "the file cannot be read, so not be verified");
	} else if (err == -EAGAIN) {
		give_up_exec(w, held, call->tgid, EAGAIN,
			     "the file cannot be read without waiting");
	} else if (err == -ENOMEM || err == -E2BIG) {
		give_up_exec(w, held, call->tgid, E2BIG, "argv is longer than the warden judges");
	} else if (flaw_is(FLAW_EARLY_DETACH)) {
		events_judged(&w->events, call->tgid, true, verdict.line, call->judged,
			      &call->argv);
		answer(w, held, call->tgid, &verdict);
	} else {
		/* Any other error the caller should meet in its own exec: it will fail there as
		 * well. */
		let_through(w, held, call, verdict, &approval);
	}
	args_free(&approval.argv);
	image_release(&approval.image);
}

static void judge_strictly(struct warden *w, const struct held *held, struct exec_call *call,
			   pid_t tgid)
{
	uint64_t deadline_ns = jsonl_now() + JUDGE_NS;
	char room[128];
	int err = freeze(w, held->tid, tgid, deadline_ns);

	if (err && w->backend->valid(w, held)) {
		give_up_exec(w, held, tgid, EPERM, freeze_reason(err, room, sizeof(room)));
	} else if (!err) {
		err = read_call(w, held, tgid, deadline_ns, call);
		if (w->backend->valid(w, held)) {
			if (err)
				give_up_exec(w, held, tgid, errno_of(err), reason_of(err));
			else
				judge_frozen(w, held, call);
		}
	}
	thaw(w);
}

void guard_asked(struct warden *w, const struct held *held, pid_t tgid)
{
	static struct exec_call call; /* too large for the stack; argv keeps its memory */

	if (w->config->guard == GUARD_STRICT)
		judge_strictly(w, held, &call, tgid);
	else
		judge_running(w, held, &call, tgid);
	args_trim(&call.argv);
	args_trim(&call.envp);
}
