// SPDX-License-Identifier: Apache-2.0
#include "deep.h"

#include "act.h"
#include "answer.h"
#include "judge.h"
#include "later.h"
#include "watch.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* How often a name may change under us before we give up. */
#define ATTEMPTS 8
/* How soon a caller is missed whose call is being made on its behalf. */
#define POOL_MS 100

bool deep_takes(int number)
{
	return deep_shape(number);
}

static void fail(struct warden *w, const struct deep_call *c, int err)
{
	if (!w->backend->valid(w, &c->held))
		return;
	if (err == -ESRCH) /* it waits for an answer, so it is there */
		judge_not(w, c, EPERM, "its /proc cannot be seen");
	else if (err == -EPERM)
		judge_not(w, c, EPERM, "its credentials are not ours, or its memory is closed");
	else if (err == -EFAULT)
		judge_not(w, c, EFAULT, UNREADABLE);
	else
		judge_moot(w, c, -err);
}

/*
 * With everybody running and the caller's memory used: what was judged may not be what is done. A
 * yes is not asked about before: if the call is gone, and so what was read not its caller's, it
 * reaches nobody.
 */
static void judge_running(struct warden *w, const struct deep_call *c)
{
	struct policy_verdict verdict;
	struct subject written;

	written_subject(c, &written);
	verdict = judge_call(w->policy, c, &written);
	judge_hide(w->policy, NULL, &verdict);
	if (verdict.action == POLICY_ALLOW) {
		if (!w->backend->let(w, &c->held))
			judge_say(w, c, &written, &verdict);
	} else if (w->backend->valid(w, &c->held)) {
		judge_refuse(w, c, &written, &verdict);
	}
}

/* A copy is what is judged, and the copy is what is done. */
static void act(struct warden *w, const struct deep_call *c)
{
	struct subject subject;
	struct found object;
	struct view v;
	unsigned purpose = VIEW_ACTS | (may_make(c) ? VIEW_MAKES : 0);
	int err = view_open(&v, c->held.tid, c->tgid, purpose);

	if (err)
		return fail(w, c, err);
	if (w->policy->judge && strcmp(v.root_path, "/")) {
		judge_not(w, c, EPERM, OTHER_ROOT);
		view_close(&v);
		return;
	}
	v.keeper = w->keeper;
	for (int i = 0; i < ATTEMPTS; i++) {
		err = find_subject(&v, c, &object, &subject);
		if (err || !w->backend->valid(w, &c->held) || !judge_and_refuse(w, &v, c, &subject))
			break;
		if (c->shape->kind == KIND_OPEN)
			err = act_open(w, &v, c, &object);
		else
			act_socket(w, &v, c, &object, &subject);
		if (err != -EEXIST)
			break;
		found_release(&object);
	}
	if (err)
		fail(w, c, err);
	found_release(&object);
	view_close(&v);
}

/*
 * Its flags are read again by the kernel, and nobody can make a child for somebody else. Every C
 * library goes back to clone, whose flags are in a register.
 */
static bool is_refused_for_good(const struct warden *w, const struct deep_call *c)
{
	return c->shape->kind == KIND_CLONE3 &&
	       (w->config->deep == DEEP_STRICT || w->config->track == TRACK_FORK);
}

static struct deep_call taken; /* too large for the stack */

static void take_up(const struct held *held, pid_t tgid, unsigned called_off)
{
	taken.held = *held;
	taken.tgid = tgid;
	taken.shape = deep_shape(held->number);
	taken.called_off = called_off;
}

void deep_asked(struct warden *w, const struct held *held, pid_t tgid)
{
	int err;

	take_up(held, tgid, 0);
	if (is_refused_for_good(w, &taken)) {
		(void)w->backend->refuse(w, held, ENOSYS);
		return;
	}
	if (w->config->deep == DEEP_STRICT && w->tracees.lasting)
		return watch_asked(w, &taken);
	err = copy_call(&taken);
	if (err)
		fail(w, &taken, err);
	else if (w->config->deep == DEEP_STRICT)
		act(w, &taken);
	else
		judge_running(w, &taken);
}

int deep_ms(void)
{
	return pool_is_busy() ? POOL_MS : later_ms();
}

int deep_fd(void)
{
	return pool_fd();
}

bool deep_holds(struct warden *w, pid_t tid)
{
	return pool_holds(w, tid);
}

void deep_take(struct warden *w)
{
	struct later later;
	struct job job;

	while (pool_take(&job))
		act_done(w, &job);
	pool_tick(w);
	while (later_take(&later)) {
		take_up(&later.held, later.tgid, later.times);
		watch_later(w, &taken);
	}
}
