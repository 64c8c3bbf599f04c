// SPDX-License-Identifier: Apache-2.0
#include "watch.h"

#include "deep.h"
#include "judge.h"
#include "later.h"
#include "names.h"

#include "../arch/arch.h"
#include "../freeze.h"
#include "../loop.h"
#include "../proc.h"

#include "jsonl.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* From the first seize to the answer. */
#define JUDGE_NS 2000000000u
/* The kernel's part: looking a path up and opening it, or copying an address. */
#define CALL_NS 5000000000u

/* Of mips, o32: four are in registers, of which syscall(2) takes one for the number. */
#define FIRST_ON_STACK 3
#define SENDTO_SIZE    5 /* of the address, sendto(2) */

/* The one call that is being waited for; everybody else stands still meanwhile. */
static struct {
	pid_t tid;
	bool left;
} waited;

bool deep_left(struct warden *w, struct tracee *t)
{
	(void)w;
	if (!waited.tid || waited.tid != t->tid)
		return false;
	waited.left = true;
	return true;
}

static bool opens(const struct deep_call *c)
{
	return c->shape->kind == KIND_OPEN;
}

/* A second message is read after the first has gone out, however long that takes. */
static bool is_beyond_us(const struct deep_call *c)
{
	return c->shape->kind == KIND_SENDMMSG && (uint32_t)c->held.args[2] > 1;
}

/* An open that waits for somebody would hold everybody, that one as well. */
static bool would_wait(const struct deep_call *c, const struct found *object)
{
	return opens(c) && object->fd >= 0 && S_ISFIFO(object->stat.st_mode) &&
	       !(c->how.flags & (O_NONBLOCK | O_PATH)) && (c->how.flags & O_ACCMODE) != O_RDWR;
}

/* What it tells of a call that it sleeps interruptibly. */
enum sleep { TELLS_NOTHING, HAS_COPIED, LOOKS_AGAIN };

/*
 * An address is the first thing that a socket call copies, and it copies it with every sleep
 * uninterruptible: who sleeps interruptibly is past that. But a path it walks after that sleep, and
 * perhaps not for the first time (unix_stream_connect, unix_dgram_sendmsg).
 */
static enum sleep sleep_of(const struct deep_call *c)
{
	struct address address;

	if (opens(c))
		return TELLS_NOTHING;
	if (c->has_address && decode_address(&layout_own, c->address, c->address_size, &address) &&
	    address.kind == NAME_PATH)
		return LOOKS_AGAIN;
	return HAS_COPIED;
}

static bool sleeps(pid_t tid)
{
	struct proc_stat stat;

	return proc_stat(tid, &stat) == 0 && stat.state == 'S';
}

/* Until it is through its copying, or at its end. 0, -ESRCH when it died, -ETIMEDOUT. */
static int await(struct warden *w, const struct held *call, enum sleep sleep)
{
	uint64_t deadline_ns = jsonl_now() + CALL_NS;
	int err = 0;

	while (!err && !waited.left) {
		struct tracee *t = tracee_find(&w->tracees, call->tid);

		if (!t)
			return -ESRCH;
		if (sleep != TELLS_NOTHING && sleeps(call->tid)) {
			if (sleep == HAS_COPIED)
				return 0;
			(void)tracee_interrupt(t); /* ESRCH: wait will tell */
		}
		err = loop_wait(w, deadline_ns);
	}
	return waited.left ? 0 : err;
}

static void end_it(struct warden *w, pid_t tgid, const char *reason)
{
	/* Our tracee, so the number is its own. */
	if (kill(tgid, SIGKILL) == 0)
		events_killed(&w->events, tgid, reason);
}

/*
 * What O_TMPFILE makes is a file of no name: `#<inode> (deleted)` in the directory that the call, and so the
 * rule, is about (d_tmpfile in fs/dcache.c). Leaves that directory; any other path as it is.
 */
static void leave_directory(char *path)
{
	char *name = strrchr(path, '/');
	size_t digits = name && name[1] == '#' ? strspn(name + 2, "0123456789") : 0;

	if (!digits || strcmp(name + 2 + digits, " (deleted)"))
		return;
	name[name == path] = '\0';
}

/* Whoever is not in the index could have moved what was judged: the file itself tells. */
static void verify(struct warden *w, const struct view *v, const struct deep_call *c)
{
	char path[PATH_MAX];
	struct subject opened = { .mode = S_IFREG };
	const struct subject *decided = &opened;
	struct policy_verdict verdict;
	struct stat st;
	long fd;

	if (!opens(c) || arch.call_result(c->held.tid, &fd) || fd < 0)
		return;
	if (view_place_of_its(v, (int)fd, path, sizeof(path))) {
		end_it(w, c->tgid, "what it opened cannot be looked at");
		return;
	}
	if (w->policy->judge && view_stat_of_its(v, (int)fd, &st) == 0)
		opened.mode = st.st_mode;
	else if (!w->policy->judge && (c->how.flags & O_TMPFILE) == O_TMPFILE &&
		 view_stat_of_its(v, (int)fd, &st) == 0 && !st.st_nlink)
		leave_directory(path);
	names_of_place(v, path, &opened);
	verdict = names_judge(w->policy, c, &decided);
	if (verdict.action == POLICY_ALLOW)
		events_verified(&w->events, c->tgid);
	else
		end_it(w, c->tgid, "what it opened is not what was approved");
}

/* Its call goes on: whether its end was seen, where that or such a sleep is waited for. */
static bool see_end(struct warden *w, const struct held *call, pid_t tgid, enum sleep sleep)
{
	int err;

	waited.tid = call->tid;
	waited.left = false;
	err = await(w, call, sleep);
	waited.tid = 0;
	if (err && err != -ESRCH)
		end_it(w, tgid, "its call came to no end in time");
	return !err && waited.left;
}

/* Everybody else stands still: the kernel finds what we have found. Whether its end was seen. */
static bool let_and_wait(struct warden *w, const struct held *call, pid_t tgid, enum sleep sleep)
{
	struct tracee *t = tracee_find(&w->tracees, call->tid);
	int err;

	if (!t)
		return false;
	t->watched = true;
	err = w->backend->let(w, call);
	if (!err)
		return see_end(w, call, tgid, sleep);
	if (err != -ESRCH && err != -ENOENT)
		end_it(w, tgid, "its call came to no end in time");
	return false;
}

void watch_end(struct warden *w, pid_t tgid)
{
	end_it(w, tgid, "what its call points to has changed");
}

bool watch_let(struct warden *w, const struct held *call, pid_t tgid)
{
	return let_and_wait(w, call, tgid, TELLS_NOTHING);
}

/* The kernel makes it once more by itself, and so it will be asked about. */
static void note_called_off(struct warden *w, const struct deep_call *c)
{
	struct tracee *t = tracee_find(&w->tracees, c->held.tid);
	long result;

	if (t && !arch.call_result(t->tid, &result) && result == -KERNEL_ERESTARTSYS)
		t->called_off = c->called_off + 1;
}

/*
 * Who stands still runs no code, and yet its memory may be written for it: by a death
 * (set_tid_address(2)), by a read that was under way. Nobody knows which the kernel has copied then.
 */
static void let_through(struct warden *w, const struct view *v, const struct deep_call *c)
{
	enum sleep sleep = sleep_of(c);
	bool left = let_and_wait(w, &c->held, c->tgid, sleep);
	int err = copy_holds(c);

	if (err == -EPERM && !left) { /* Yama by now denies what we may do with who has stopped */
		sleep = LOOKS_AGAIN;
		left = see_end(w, &c->held, c->tgid, sleep);
		if (!left) /* dead, or ended */
			return;
		err = copy_holds(c);
	}
	if (err && err != -ESRCH)
		return watch_end(w, c->tgid);
	if (!left)
		return;
	verify(w, v, c);
	if (sleep == LOOKS_AGAIN)
		note_called_off(w, c);
}

static void judge_frozen(struct warden *w, const struct view *v, const struct deep_call *c)
{
	struct subject subject;
	struct found object;
	int err = find_subject(v, c, &object, &subject);

	if (err)
		judge_moot(w, c, -err);
	else if (judge_and_refuse(w, v, c, &subject)) {
		if (would_wait(c, &object))
			judge_not(w, c, EAGAIN, "opening it would wait for somebody else");
		else
			let_through(w, v, c);
	}
	found_release(&object);
}

/* Lets it go, to the end of its call or whatever else it stops for. */
static int go_on(struct warden *w, const struct held *call, bool (*there)(struct warden *, pid_t))
{
	uint64_t deadline_ns = jsonl_now() + CALL_NS;
	int err = 0;

	while (!err && !there(w, call->tid)) {
		struct tracee *t = tracee_find(&w->tracees, call->tid);

		if (!t)
			return -ESRCH;
		if (t->stopped && !t->asked) /* for a signal, which it takes first */
			(void)tracee_resume(t);
		err = loop_wait(w, deadline_ns);
	}
	return err;
}

static bool has_left(struct warden *w, pid_t tid)
{
	(void)w;
	(void)tid;
	return waited.left;
}

static bool asks_again(struct warden *w, pid_t tid)
{
	return w->backend->asks(w, tid);
}

/*
 * What the kernel has copied from the stack before we were asked may not be what is there now. So
 * the call comes to nothing and is made once more, now that nobody is left who could write.
 */
static int make_again(struct warden *w, struct held *call)
{
	struct tracee *t = tracee_find(&w->tracees, call->tid);
	unsigned long keep[2];
	int number = call->number, err = t ? arch.call_keep(t->tid, keep) : -ESRCH;

	if (!err)
		err = arch.call_skip(t->tid, 0);
	if (err)
		return err;
	t->watched = true;
	waited.tid = t->tid;
	waited.left = false;
	err = w->backend->let(w, call);
	if (!err)
		err = go_on(w, call, has_left);
	waited.tid = 0;
	t = tracee_find(&w->tracees, call->tid);
	if (!err && t)
		err = arch.call_restart(t->tid, keep);
	if (!err && t)
		err = tracee_resume(t);
	if (!err)
		err = go_on(w, call, asks_again);
	t = tracee_find(&w->tracees, call->tid);
	if (err || !t)
		return err ? err : -ESRCH;
	call->id = t->asked;
	err = arch.call_read(t->tid, &call->number, call->args);
	return !err && call->number != number ? -EAGAIN : err;
}

bool watch_again(struct warden *w, struct held *call, pid_t tgid, int last)
{
	int err = arch.call_restart && last >= FIRST_ON_STACK ? make_again(w, call) : 0;

	/* A handler's call came first: it is asked about in its turn, and this one once more after it. */
	if (err && err != -EAGAIN)
		end_it(w, tgid, "its call could not be made again");
	return !err;
}

static void judge_call_frozen(struct warden *w, struct deep_call *c)
{
	struct view v;
	int err = copy_call(c);

	if (!w->backend->valid(w, &c->held))
		return;
	if (err == -EFAULT)
		judge_not(w, c, EFAULT, UNREADABLE);
	else if (err == -EPERM)
		judge_not(w, c, EPERM, "what it points to cannot be read");
	else if (err)
		judge_moot(w, c, -err);
	if (err)
		return;
	err = view_open(&v, c->held.tid, c->tgid, 0);
	if (err) {
		judge_not(w, c, EPERM, "the caller's directories cannot be seen");
		return;
	}
	if (w->policy->judge && strcmp(v.root_path, "/"))
		judge_not(w, c, EPERM, OTHER_ROOT);
	else if (opens(c) && !view_sees_files(&v))
		judge_not(w, c, EPERM, "the caller's files cannot be seen");
	else
		judge_frozen(w, &v, c);
	view_close(&v);
}

/*
 * Of all that is judged of these calls sendto's address alone comes so late. openat2's size may, but of
 * any size that the kernel takes it reads the same flags.
 */
static int last_judged(const struct deep_call *c)
{
	return c->shape->kind == KIND_SENDTO ? SENDTO_SIZE : 0;
}

void watch_later(struct warden *w, struct deep_call *c)
{
	int err;

	if (!w->backend->valid(w, &c->held))
		return;
	err = freeze(w, c->held.tid, c->tgid, jsonl_now() + JUDGE_NS);
	if (err)
		judge_not(w, c, EPERM, "somebody who could write its memory cannot be stopped");
	else if (watch_again(w, &c->held, c->tgid, last_judged(c)))
		judge_call_frozen(w, c);
	thaw(w);
}

/* It may be another call than the one that was called off: then it waits a little, too. */
static unsigned take_called_off(struct warden *w, pid_t tid)
{
	struct tracee *t = tracee_find(&w->tracees, tid);
	unsigned times = t ? t->called_off : 0;

	if (t)
		t->called_off = 0;
	return times;
}

void watch_asked(struct warden *w, struct deep_call *c)
{
	struct later later = { .held = c->held, .tgid = c->tgid };

	if (!w->backend->valid(w, &c->held))
		return;
	if (is_beyond_us(c)) {
		judge_not(w, c, ENOSYS, "sendmmsg reads its later messages later");
		return;
	}
	later.times = take_called_off(w, c->held.tid);
	if (!later.times || opens(c))
		watch_later(w, c);
	else if (later_keep(&later))
		judge_not(w, c, EAGAIN, "too many calls are waiting already");
}
