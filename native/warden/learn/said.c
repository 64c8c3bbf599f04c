// SPDX-License-Identifier: Apache-2.0
#include "observer.h"

#include "../arch/arch.h"
#include "../profile/pids.h"
#include "descriptors.h"
#include "names.h"
#include "scripts.h"
#include "small-file.h"
#include "talk.h"
#include "trust.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

void observer_put(struct observer *o, struct bag *bag, const char *key, uint32_t flags)
{
	struct bag_entry *e = bag_put(bag, key, strlen(key));

	if (e)
		e->flags |= flags;
	else
		o->seen->overflow = true;
}

void observer_put_file(struct observer *o, const struct watched *t, const char *path,
		       uint32_t flags)
{
	char named[PATH_MAX];

	path_without_pids(path, t->tgid, named);
	observer_put(o, &o->seen->files, named, flags);
}

/* The flags that a descriptor was opened with, O_CREAT and its like aside; -1: it is gone. */
static int flags_of(pid_t tid, long fd)
{
	char path[48], text[256];
	const char *line;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%ld", (int)tid, fd);
	if (small_file(path, text, sizeof(text)) < 0)
		return -1;
	line = strstr(text, "flags:");
	return line ? (int)strtoul(line + strlen("flags:"), NULL, 8) : -1;
}

/* O_TMPFILE without the bit of O_DIRECTORY that is in it. */
#define TMPFILE (O_TMPFILE & ~O_DIRECTORY)

/* What a descriptor leads to. */
struct behind {
	int flags;	     /* that it was opened with, O_CREAT and its like aside */
	char path[PATH_MAX]; /* empty: it is in no directory; of O_TMPFILE that of its directory */
	struct stat st;
	bool memory; /* of a process */
};

static bool is_written(const struct behind *b)
{
	return !(b->flags & O_PATH) && (b->flags & O_ACCMODE) != O_RDONLY;
}

static uint32_t seen_of(const struct behind *b)
{
	if (b->flags & O_PATH)
		return 0;
	if (S_ISDIR(b->st.st_mode))
		return SEEN_LISTED;
	return ((b->flags & O_ACCMODE) != O_WRONLY ? SEEN_READ : 0) |
	       (is_written(b) ? SEEN_WRITTEN : 0);
}

/* It was not there when the call began, and now is: somebody of those who are observed has made it. */
static bool was_made(const struct change *c, const char *path)
{
	char named[PATH_MAX];

	return !change_was_there(c) && change_name(c, named) && !strcmp(named, path);
}

static bool look(const char *link, int flags, struct behind *out)
{
	bool good;

	out->flags = flags;
	good = flags >= 0 && flags & TMPFILE ? small_link_above(link, out->path)
					     : small_link(link, out->path, &out->st);
	if (!good)
		out->path[0] = '\0';
	out->memory = out->path[0] && trust_is_memory(link, out->path);
	return flags >= 0;
}

/*
 * While another thread may put another file under a descriptor's number, one file is held for both
 * how it was opened and its path. False: not known.
 */
static bool look_behind(const struct watched_tasks *tasks, const struct watched *t, long fd,
			struct behind *out)
{
	char link[48];
	bool good;
	int pidfd, held;

	if (trust_alone(tasks, t) || descriptors_steady(tasks, t, fd)) {
		snprintf(link, sizeof(link), "/proc/%d/fd/%ld", (int)t->tid, fd);
		return look(link, flags_of(t->tid, fd), out);
	}
	pidfd = (int)syscall(SYS_pidfd_open, t->tgid, 0);
	held = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, (int)fd, 0);
	if (pidfd >= 0)
		close(pidfd);
	if (held < 0) /* before Linux 5.6 it cannot be had */
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", held);
	good = look(link, fcntl(held, F_GETFL), out);
	close(held);
	return good;
}

static void end_open(struct observer *o, struct watched *t, long fd)
{
	struct behind b;
	uint32_t flags;

	if (!look_behind(&o->tasks, t, fd, &b)) {
		o->seen->unproven++;
		return;
	}
	if (b.memory && is_written(&b))
		o->tasks.meddled = true;
	if (b.flags & TMPFILE) {
		if (b.path[0])
			observer_put_file(o, t, b.path, SEEN_NAMES);
		return;
	}
	flags = seen_of(&b);
	if (b.path[0] && flags)
		observer_put_file(o, t, b.path,
				  flags | (was_made(&t->change[0], b.path) ? SEEN_MADE : 0));
}

/* Under other names nothing is a rule, but the processes are the same. */
static void end_open_elsewhere(struct observer *o, const struct watched *t, long fd)
{
	struct behind b;
	/* Of threads it may be another file by now. */
	bool known = trust_alone(&o->tasks, t) && look_behind(&o->tasks, t, fd, &b);

	o->seen->unproven++;
	if (!known || (b.memory && is_written(&b)))
		o->tasks.meddled = true;
}

/* Something was done with a name that was there. What the workload has made itself was not. */
static void put_old_name(struct observer *o, const struct watched *t, const char *path,
			 uint32_t flags)
{
	const struct bag_entry *e = bag_find(&o->seen->files, path, strlen(path));

	if (!e || !(e->flags & SEEN_MADE) || e->flags & (SEEN_REMOVED | SEEN_MOVED))
		observer_put_file(o, t, path, flags);
}

static void put_gone(struct observer *o, const struct watched *t, const struct changed *c,
		     bool moved)
{
	put_old_name(o, t, c->gone,
		     (moved ? SEEN_MOVED : SEEN_REMOVED) | (c->directory ? SEEN_DIRECTORY : 0));
}

/*
 * Of a file that a link gave one more name: that of its others which the call was told. Those words
 * count only if what they lead to has another count of names behind the call, and nobody else changed
 * any meanwhile. In a view both names need not have the same number.
 */
static void end_link(struct observer *o, const struct watched *t)
{
	const struct change *from = &t->change[1];
	struct stat made, other;
	struct seen_file file;
	char path[PATH_MAX];

	if (change_was_there(&t->change[0]) || !change_look(&t->change[0], &made) ||
	    made.st_nlink == 1)
		return;
	if (names_stood(&o->tasks, t) && change_look(from, &other) && from->there &&
	    other.st_nlink != from->before.st_nlink && change_name(from, path))
		return put_old_name(o, t, path, SEEN_MOVED);
	o->seen->unproven++;
	file = seen_file(&made);
	if (!bag_put(&o->seen->linked, &file, sizeof(file)))
		o->seen->overflow = true;
}

/* Whether two names changed places, by the first: on mips the flag is in memory, and may be another by now. */
static bool exchanges(const struct watched *t, const struct changed *first)
{
	return t->form->rename_flags && t->args[(int)t->form->rename_flags] & RENAME_EXCHANGE &&
	       first->there;
}

static void end_change(struct observer *o, struct watched *t)
{
	bool moved = t->form->paths[1].path != NO_ARG;
	struct changed c;

	if (t->form->links) {
		end_link(o, t);
		change_forget(&t->change[1]);
	}
	for (int i = 0; i < 2; i++) {
		bool names = t->change[i].by_name, some = change_end(&t->change[i], &c);

		if (some)
			observer_put_file(o, t, c.path, names ? SEEN_NAMES : SEEN_WRITTEN);
		if (some && c.gone[0])
			put_gone(o, t, &c, moved);
		if (some && c.made[0])
			observer_put_file(o, t, c.made, SEEN_MADE);
		moved = some && exchanges(t, &c);
	}
}

static void end_descriptor(struct observer *o, struct watched *t)
{
	struct behind b;

	/* It may have been another file when it was changed. */
	if (t->replaced || !look_behind(&o->tasks, t, (int)t->args[(int)t->form->fd], &b))
		o->seen->unproven++;
	else if (b.path[0] && !(b.flags & TMPFILE))
		observer_put_file(o, t, b.path, SEEN_WRITTEN);
}

static void put_endpoint(struct observer *o, const char *endpoint)
{
	observer_put(o, &o->seen->endpoints, endpoint, 0);
	talk_notice(o, endpoint);
}

/* Whether it was the socket's peer: a datagram goes where it is told, wherever its socket is connected to. */
static bool is_reached(const struct watched *t, const char *peer)
{
	return t->number == SYS_connect || strncmp(peer, "udp:", 4);
}

static void end_connect(struct observer *o, struct watched *t, long result)
{
	char endpoint[ENDPOINT_MAX], path[PATH_MAX];

	if ((result >= 0 || result == -EINPROGRESS) &&
	    !socket_peer(t->tid, (int)t->args[0], endpoint) && is_reached(t, endpoint))
		return put_endpoint(o, endpoint);
	switch (trust_address(&o->tasks, t, result, endpoint, path)) {
	case TRUST_ENDPOINT:
		return put_endpoint(o, endpoint);
	case TRUST_PATH:
		return observer_put_file(o, t, path, SEEN_WRITTEN);
	case TRUST_NOT:
		o->seen->unproven++;
		break;
	case TRUST_UNNAMED:
		o->seen->unnamed++;
		break;
	case TRUST_NOTHING:
		break;
	}
}

static void end_bind(struct observer *o, struct watched *t)
{
	char port[8], endpoint[ENDPOINT_MAX], path[PATH_MAX];
	enum trust_kind kind;
	struct changed c;
	uint16_t number;
	bool picked;

	if (change_end(&t->change[0], &c) && c.made[0] && c.socket)
		return observer_put_file(o, t, c.made, SEEN_WRITTEN | SEEN_MADE);
	kind = trust_address(&o->tasks, t, 0, endpoint, path);
	picked = kind == TRUST_ENDPOINT && !strcmp(strrchr(endpoint, ':'), ":0");
	/* The port that it was given it will not be given again: it asked for any. */
	if (!picked && !socket_port(t->tid, (int)t->args[0], &number)) {
		snprintf(port, sizeof(port), "%u", number);
		return observer_put(o, &o->seen->binds, port, 0);
	}
	switch (kind) {
	case TRUST_ENDPOINT:
		return observer_put(o, &o->seen->binds, strrchr(endpoint, ':') + 1, 0);
	case TRUST_NOT:
		o->seen->unproven++;
		break;
	case TRUST_PATH:
	case TRUST_UNNAMED:
	case TRUST_NOTHING:
		break;
	}
}

void said_end(struct observer *o, struct watched *t)
{
	long result;

	if (!t->form || arch.call_result(t->tid, &result))
		return watched_forget(t);
	if (!trust_names(&o->tasks, t->tid)) {
		if (t->form->kind == CALL_OPEN && result >= 0)
			end_open_elsewhere(o, t, result);
		else
			o->seen->unproven += result >= 0;
		return watched_forget(t);
	}
	switch (t->form->kind) {
	case CALL_OPEN:
		if (result >= 0)
			end_open(o, t, result);
		break;
	case CALL_NAME:
	case CALL_FILE:
		end_change(o, t);
		break;
	case CALL_FD:
		if (result == 0)
			end_descriptor(o, t);
		break;
	case CALL_CONNECT:
		end_connect(o, t, result);
		break;
	case CALL_BIND:
		if (result == 0)
			end_bind(o, t);
		break;
	case CALL_HEARS:
		talk_heard(o, t, result);
		break;
	case CALL_DECIDED:
	case CALL_REFUSED:
		break;
	}
	watched_forget(t);
}

/* Whether the end of the call is to be seen. */
static bool begins(struct observer *o, struct watched *t, const struct call_form *form)
{
	bool some = false;

	switch (form->kind) {
	case CALL_OPEN:
		if (form->creates || (form->flags != NO_ARG && t->args[(int)form->flags] & O_CREAT))
			(void)change_begin(t->tid, form, &form->paths[0], t->args, &t->change[0]);
		return true;
	case CALL_NAME: /* until it is over no name is certain: names_begin() */
	case CALL_FILE:
		for (int i = 0; i < 2; i++)
			some |= change_begin(t->tid, form,
					     i && form->links ? &form->from : &form->paths[i],
					     t->args, &t->change[i]);
		if (form->links)
			names_begin(&o->tasks, t);
		return some || form->kind == CALL_NAME;
	case CALL_FD:
		t->replaced = !trust_alone(&o->tasks, t) &&
			      !descriptors_steady(&o->tasks, t, (int)t->args[(int)form->fd]);
		return true;
	case CALL_CONNECT:
	case CALL_BIND:
		return trust_begin(&o->tasks, t, form);
	case CALL_HEARS:
		return talk_listens(o);
	case CALL_DECIDED:
	case CALL_REFUSED:
		break;
	}
	return false;
}

static size_t name_call(int number, char *key, size_t size)
{
	const char *name = call_name(number);

	return (size_t)(name ? snprintf(key, size, "%s", name) : snprintf(key, size, "%d", number));
}

static void count(struct observer *o, const struct watched *t, const struct call_form *form)
{
	bool decided = form && form->kind == CALL_DECIDED;
	char key[96];
	size_t n;

	if (!decided && t->number >= 0 && (unsigned)t->number < CALLS_KNOWN) {
		o->counts[t->number]++;
		return;
	}
	n = name_call(t->number, key, sizeof(key));
	for (unsigned i = 0; decided && i < 6; i++)
		if (form->deciding & 1u << i)
			n += (size_t)snprintf(key + n, sizeof(key) - n, ":0x%x",
					      call_deciding(form, i, t->args[i]));
	observer_put(o, &o->seen->calls, key, 0);
}

void said_all(struct observer *o)
{
	char key[96];

	for (int number = 0; number < (int)CALLS_KNOWN; number++) {
		struct bag_entry *e;

		if (!o->counts[number])
			continue;
		e = bag_put(&o->seen->calls, key, name_call(number, key, sizeof(key)));
		if (e)
			e->times = o->counts[number];
		else
			o->seen->overflow = true;
	}
}

/*
 * The errno of a call that would leave the observation, or 0: what it makes would be traced by
 * nobody. As under `warden run`; the flags of clone3 lie in memory, and every libc falls back.
 */
static int leaving(const struct watched *t)
{
	if (arch.clone3 != ARCH_ABSENT && t->number == arch.clone3)
		return ENOSYS;
	if (t->number == arch.clone && t->args[arch.clone_flags_arg] & CLONE_UNTRACED)
		return EPERM;
	return 0;
}

int said_begin(struct observer *o, struct watched *t)
{
	const struct call_form *form;
	int error;

	if (arch.call_read(t->tid, &t->number, t->args))
		return 0; /* it was killed in its stop */
	if (t->number == arch.execve || t->number == arch.execveat)
		scripts_begin(&o->tasks, t);
	if (!t->born) /* the call that brings the command about is seen by its exec */
		return 0;
	error = leaving(t);
	if (error)
		return error;
#ifdef SYS_sendmmsg
	/* Its later messages are read after the first has gone out; `warden run` takes one as well. */
	if (t->number == SYS_sendmmsg && (uint32_t)t->args[2] > 1) {
		o->seen->opaque++;
		return ENOSYS;
	}
#endif
	form = call_form(t->number);
	if (form && form->kind == CALL_REFUSED) {
		o->seen->opaque++;
		return form->refusal;
	}
	if (!call_name(t->number)) { /* it is newer than we are: nobody can tell what it does */
		o->seen->opaque++;
		return ENOSYS;
	}
	count(o, t, form);
	trust_notice(&o->tasks, t);
	names_notice(&o->tasks, form);
	descriptors_notice(&o->tasks, t);
	talk_said(o, t);
	if (form && begins(o, t, form))
		t->form = form;
	return 0;
}
