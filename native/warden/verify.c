// SPDX-License-Identifier: Apache-2.0
#include "verify.h"

#include "arch/arch.h"
#include "flaws.h"
#include "jsonl.h"
#include "loop.h"
#include "proc.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* The kernel's part of an exec: reading the file, killing sibling threads. */
#define EXEC_NS 10000000000u

static void stop(struct warden *w, pid_t tgid, const char *reason)
{
	/* Seen by us as stopped or traced, so the number is still its own. */
	if (kill(tgid, SIGKILL) == 0)
		events_killed(&w->events, tgid, reason);
}

static const char *other_environment(const struct approval *a)
{
	struct args now = { 0 };
	bool same;

	if (!a->envp)
		return NULL;
	if (proc_environ(a->tgid, &now)) {
		args_free(&now);
		return "the new environment cannot be read";
	}
	same = now.used == a->envp->used &&
	       (!now.used || !memcmp(now.bytes, a->envp->bytes, now.used));
	args_free(&now);
	return same ? NULL : "the environment differs from what was approved";
}

/* NULL when the new image is the approved one. */
static const char *difference(const struct approval *a)
{
	struct args now = { 0 };
	struct image image;
	bool same;

	if (proc_cmdline(a->tgid, &now)) {
		args_free(&now);
		return "the new argv cannot be read";
	}
	same = args_match(&a->argv, now.bytes, now.used);
	args_free(&now);
	if (!same)
		return "argv differs from what was approved";
	if (!a->known)
		return "the executable could not be opened before it ran";
	if (image_of_process(a->tgid, &image))
		return "the executable cannot be looked at";
	if (image.device != a->image.device || image.inode != a->image.inode)
		return "the executable differs from what was approved";
	return other_environment(a);
}

/* The program and its loader: what the kernel has mapped before the first instruction. */
static const char *other_mapping(const struct warden *w, const struct approval *a)
{
	struct facts facts = { .number = arch.execve, .caller = a->tgid };
	char path[32], line[PATH_MAX + 128];
	const char *reason = NULL;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)a->tgid);
	f = fopen(path, "re");
	if (!f)
		return "what was mapped cannot be looked at";
	while (!reason && fgets(line, sizeof(line), f)) {
		facts.file = strchr(line, '/');
		line[strcspn(line, "\n")] = '\0';
		if (facts.file && policy_judge(w->policy, &facts).action != POLICY_ALLOW)
			reason = "its loader is not in the profile";
	}
	fclose(f);
	return reason;
}

static void compare(struct warden *w, const struct approval *a)
{
	const char *reason = difference(a);

	if (!reason && w->policy->judge)
		reason = other_mapping(w, a);
	if (!reason)
		events_verified(&w->events, a->tgid);
	else if (!proc_is_dead(
			 a->tgid)) /* else it was killed meanwhile, and what we saw was nothing */
		stop(w, a->tgid, reason);
}

static int await(struct warden *w, pid_t tid)
{
	uint64_t deadline_ns = jsonl_now() + EXEC_NS;
	int err = 0;

	while (!err && w->exec.state == EXEC_PENDING) {
		err = loop_wait(w, deadline_ns);
		/* It failed, and made its next call before the interrupt reached it. */
		if (w->exec.state == EXEC_PENDING && w->backend->asks(w, tid))
			w->exec.state = EXEC_RETURNED;
	}
	return err;
}

/* To the end of the exec that was just let go; who comes to none in time is killed. */
static enum exec_state follow(struct warden *w, pid_t tid, pid_t tgid)
{
	struct tracee *t = tracee_find(&w->tracees, tid);
	enum exec_state state;

	w->exec = (struct exec_watch){ EXEC_PENDING, tid, tgid };
	/* A reply cannot be cancelled any more; a failed exec meets this on its way to user mode.
	 */
	if (t)
		(void)tracee_interrupt(t); /* ESRCH: it is dying, which wait will tell */
	if (await(w, tid) && w->exec.state == EXEC_PENDING)
		stop(w, tgid, "its exec neither happened nor failed in time");
	state = w->exec.state;
	w->exec.state = EXEC_NONE;
	return state;
}

void verify_follow(struct warden *w, const struct approval *a)
{
	enum exec_state end = follow(w, a->tid, a->tgid);

	if (end == EXEC_DONE && !flaw_is(FLAW_SINGLE_PASS))
		compare(w, a);
	else if (end == EXEC_RETURNED)
		events_exec_failed(&w->events, a->tgid);
}

void verify_await(struct warden *w, pid_t tid, pid_t tgid)
{
	(void)follow(w, tid, tgid);
}
