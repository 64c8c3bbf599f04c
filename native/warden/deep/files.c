// SPDX-License-Identifier: Apache-2.0
#include "files.h"

#include "../freeze.h"
#include "../profile/calls.h"
#include "../remote.h"
#include "judge.h"
#include "view.h"
#include "walk.h"
#include "watch.h"

#include "jsonl.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* From the first seize to the answer. */
#define JUDGE_NS 2000000000u

/* A call has at most this many: rename has two, link has its file and the new name. */
#define PLACES 2u

struct place {
	int arg; /* where facts have it */
	char path[PATH_MAX];
	mode_t mode;	  /* of what is there; 0: nothing */
	uint64_t pointer; /* to what was written; 0: no name was */
	char written[PATH_MAX];
};

struct files_call {
	const struct held *held;
	pid_t tgid;
	const struct call_form *form;
	unsigned count;
	struct place place[PLACES];
};

bool files_takes(int number)
{
	const struct call_form *form = call_form(number);

	return form &&
	       (form->kind == CALL_NAME || form->kind == CALL_FILE || form->kind == CALL_FD);
}

/* The caller's file under a number. */
static int find_open(const struct view *v, int fd, struct place *out)
{
	struct stat st;

	if (!view_sees_files(v))
		return -EPERM;
	out->mode = view_stat_of_its(v, fd, &st) ? S_IFREG : st.st_mode;
	return view_path_of_its(v, fd, out->path, sizeof(out->path));
}

static uint64_t at_flags_of(const struct files_call *c)
{
	return c->form->at_flags ? c->held->args[(int)c->form->at_flags] : 0;
}

/* Whether what stands at the end of the path is meant, though it be a link. */
static bool keeps_link(const struct files_call *c, bool is_from)
{
	if (c->form->kind == CALL_NAME && !is_from)
		return true;
	if (is_from) /* linkat(2) follows only when it is told to */
		return !(at_flags_of(c) & AT_SYMLINK_FOLLOW);
	return c->form->stays || at_flags_of(c) & AT_SYMLINK_NOFOLLOW;
}

static int find(const struct view *v, struct files_call *c, const struct call_path *at,
		bool is_from)
{
	struct place *out = &c->place[c->count];
	struct walk_rules rules = { .keep_last_link = keeps_link(c, is_from) };
	int dirfd = at->dir == NO_ARG ? AT_FDCWD : (int)c->held->args[(int)at->dir];
	uint64_t pointer = c->held->args[(int)at->path];
	struct found found;
	int err;

	out->arg = at->path;
	out->pointer = pointer;
	/* futimens(3): no path at all means the descriptor. */
	if (!pointer && c->form->kind == CALL_FILE && at->dir != NO_ARG)
		err = find_open(v, dirfd, out);
	else
		err = remote_string(c->held->tid, pointer, out->written, sizeof(out->written));
	if (err || (!pointer && c->form->kind == CALL_FILE)) {
		c->count++;
		return err;
	}
	if (!out->written[0] && at_flags_of(c) & AT_EMPTY_PATH && dirfd >= 0) {
		c->count++;
		return find_open(v, dirfd, out);
	}
	found = (struct found){ .fd = -1, .parent = -1 };
	err = walk(v, dirfd, out->written, &rules, &found);
	if (!err && found.elsewhere)
		err = -EPERM;
	if (!err)
		memcpy(out->path, found.path, strlen(found.path) + 1);
	out->mode = found.stat.st_mode;
	found_release(&found);
	c->count++;
	return err;
}

static int find_all(const struct view *v, struct files_call *c)
{
	const struct call_form *form = c->form;
	int err = 0;

	c->count = 0;
	if (form->kind == CALL_FD) {
		c->place[0].arg = form->fd;
		c->place[0].pointer = 0;
		err = find_open(v, (int)c->held->args[(int)form->fd], &c->place[0]);
		c->count = 1;
		return err;
	}
	if (form->links)
		err = find(v, c, &form->from, true);
	for (unsigned i = 0; !err && i < 2; i++)
		if (form->paths[i].path != NO_ARG)
			err = find(v, c, &form->paths[i], false);
	return err;
}

static struct policy_verdict judge(const struct policy *p, const struct view *v,
				   const struct files_call *c)
{
	struct policy_verdict verdict;
	struct facts f = { .number = c->held->number, .caller = c->tgid };

	memcpy(f.args, c->held->args, sizeof(f.args));
	for (unsigned i = 0; i < c->count; i++) {
		f.deep[c->place[i].arg].bytes = (const unsigned char *)c->place[i].path;
		f.deep[c->place[i].arg].size = strlen(c->place[i].path);
		f.deep[c->place[i].arg].present = true;
		f.deep[c->place[i].arg].mode = c->place[i].mode;
	}
	verdict = policy_judge(p, &f);
	judge_hide(p, v, &verdict);
	return verdict;
}

static void say(struct warden *w, const struct files_call *c, bool allowed)
{
	const struct args none = { 0 };

	events_judged(&w->events, c->tgid, allowed, 0, c->place[c->count - 1].path, &none);
}

/* As for other calls: who stands still runs no code, and yet its memory may be written. */
static bool names_hold(const struct files_call *c)
{
	static char now[PATH_MAX];

	for (unsigned i = 0; i < c->count; i++) {
		const struct place *p = &c->place[i];
		int err = p->pointer ? remote_string(c->held->tid, p->pointer, now, sizeof(now))
				     : -ESRCH;

		if (err != -ESRCH && (err || strcmp(now, p->written)))
			return false;
	}
	return true;
}

static void answer(struct warden *w, const struct view *v, const struct files_call *c)
{
	struct policy_verdict verdict = judge(w->policy, v, c);

	say(w, c, verdict.action == POLICY_ALLOW);
	if (verdict.action != POLICY_ALLOW) {
		(void)w->backend->refuse(w, c->held, verdict.error);
		return;
	}
	(void)watch_let(w, c->held, c->tgid);
	if (!names_hold(c))
		watch_end(w, c->tgid);
}

static void judge_seen(struct warden *w, const struct view *v, struct files_call *c)
{
	int err;

	if (strcmp(v->root_path, "/"))
		return give_up(w, c->held, c->tgid, EPERM, OTHER_ROOT);
	err = find_all(v, c);
	if (!w->backend->valid(w, c->held))
		return;
	if (err == -EPERM)
		give_up(w, c->held, c->tgid, EPERM, "what it names cannot be seen");
	else if (err) /* it fails as it would without us */
		(void)w->backend->refuse(w, c->held, -err);
	else
		answer(w, v, c);
}

/* Where nobody is frozen, for a control lane: what was judged may not be what is done. */
static void judge_running(struct warden *w, const struct view *v, struct files_call *c)
{
	struct policy_verdict verdict;
	int err = find_all(v, c);

	if (!w->backend->valid(w, c->held))
		return;
	if (err) {
		(void)w->backend->let(w, c->held);
		return;
	}
	verdict = judge(w->policy, v, c);
	say(w, c, verdict.action == POLICY_ALLOW);
	if (verdict.action == POLICY_ALLOW)
		(void)w->backend->let(w, c->held);
	else
		(void)w->backend->refuse(w, c->held, verdict.error);
}

static void look_and_judge(struct warden *w, struct files_call *c, bool strict)
{
	struct view v;

	if (view_open(&v, c->held->tid, c->tgid, 0)) {
		give_up(w, c->held, c->tgid, EPERM, "the caller's directories cannot be seen");
		return;
	}
	if (strict)
		judge_seen(w, &v, c);
	else
		judge_running(w, &v, c);
	view_close(&v);
}

/* The place of the last argument that says what is judged. */
static int last_judged(const struct call_form *form)
{
	int last = form->fd;
	const int others[] = {
		form->paths[0].path, form->paths[1].path, form->links ? form->from.path : NO_ARG,
		form->at_flags,	     form->rename_flags,  form->mode
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		last = others[i] > last ? others[i] : last;
	return last;
}

void files_asked(struct warden *w, const struct held *held, pid_t tgid)
{
	static struct files_call c; /* too large for the stack */
	struct held call = *held;

	c = (struct files_call){ .held = &call, .tgid = tgid, .form = call_form(held->number) };
	if (!w->backend->valid(w, held))
		return;
	if (w->config->deep != DEEP_STRICT) {
		look_and_judge(w, &c, false);
		return;
	}
	if (freeze(w, held->tid, tgid, jsonl_now() + JUDGE_NS))
		give_up(w, held, tgid, EPERM,
			"somebody who could write its memory cannot be stopped");
	else if (watch_again(w, &call, tgid, last_judged(c.form)))
		look_and_judge(w, &c, true);
	thaw(w);
}
