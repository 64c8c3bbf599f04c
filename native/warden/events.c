// SPDX-License-Identifier: Apache-2.0
#include "events.h"

#include "flaws.h"
#include "jsonl.h"

#include <errno.h>
#include <string.h>

/* How much of an argv is shown. */
struct extent {
	size_t path, elements, element;
};

/* The second fits a line even when every byte takes six: 6 * (128 + 8 * 48) + names < JSONL_MAX. */
static const struct extent generous = { 1024, 8, 64 }, frugal = { 128, 8, 48 };

static void emit(struct events *e, struct jsonl *j)
{
	int err = jsonl_send(j, e->fd);

	if (err && !e->error)
		e->error = err;
}

static void count(struct events *e, bool allow)
{
	if (allow)
		e->allowed++;
	else
		e->denied++;
}

static void about(struct events *e, const char *event, pid_t pid, const char *reason)
{
	struct jsonl j;

	if (e->fd < 0)
		return;
	jsonl_begin(&j, event);
	if (pid)
		jsonl_int(&j, "pid", pid);
	if (reason)
		jsonl_str(&j, "reason", reason, strlen(reason));
	emit(e, &j);
}

void events_started(struct events *e, const struct config *config, const char *backend)
{
	const char *guard = guard_name(config->guard), *track = track_name(config->track),
		   *files = files_name(config->files);
	struct jsonl j;

	if (e->fd < 0)
		return;
	jsonl_begin(&j, "started");
	jsonl_str(&j, "backend", backend, strlen(backend));
	jsonl_str(&j, "argvGuard", guard, strlen(guard));
	jsonl_str(&j, "track", track, strlen(track));
	if (config->profile_path)
		jsonl_str(&j, "files", files, strlen(files));
	if (flaw_name())
		jsonl_str(&j, "flaw", flaw_name(), strlen(flaw_name()));
	emit(e, &j);
}

void events_refused(struct events *e, const char *reason)
{
	about(e, "refused", 0, reason);
}

void events_registered(struct events *e, pid_t pid, pid_t ppid, const char *how)
{
	struct jsonl j;

	if (e->fd < 0)
		return;
	jsonl_begin(&j, "registered");
	jsonl_int(&j, "pid", pid);
	jsonl_int(&j, "ppid", ppid);
	jsonl_str(&j, "how", how, strlen(how));
	emit(e, &j);
}

static size_t at_most(size_t n, size_t limit, bool *truncated)
{
	*truncated = *truncated || n > limit;
	return n < limit ? n : limit;
}

static void put_judged(struct jsonl *j, const struct extent *x, const char *path,
		       const struct args *argv)
{
	bool truncated = false;
	size_t shown = at_most(argv->count, x->elements, &truncated);
	const char *at = argv->bytes;

	jsonl_str(j, "path", path, at_most(strlen(path), x->path, &truncated));
	jsonl_array_begin(j, "argv");
	for (size_t i = 0; i < shown; i++) {
		size_t n = strlen(at);

		jsonl_element(j, at, at_most(n, x->element, &truncated));
		at += n + 1;
	}
	jsonl_array_end(j);
	jsonl_bool(j, "truncated", truncated);
}

static void begin_judged(struct jsonl *j, pid_t pid, bool allow, uint32_t rule)
{
	const char *decision = allow ? "allow" : "deny";

	jsonl_begin(j, "judged");
	jsonl_int(j, "pid", pid);
	jsonl_str(j, "decision", decision, strlen(decision));
	jsonl_int(j, "rule", rule);
}

void events_judged(struct events *e, pid_t pid, bool allow, uint32_t rule, const char *path,
		   const struct args *argv)
{
	struct jsonl j;

	count(e, allow);
	if (e->fd < 0)
		return;
	begin_judged(&j, pid, allow, rule);
	put_judged(&j, &generous, path, argv);
	if (j.overflow || j.len + 2 > JSONL_MAX) {
		begin_judged(&j, pid, allow, rule);
		put_judged(&j, &frugal, path, argv);
	}
	emit(e, &j);
}

void events_unjudged(struct events *e, pid_t pid, bool allow, const char *reason)
{
	const char *decision = allow ? "allow" : "deny";
	struct jsonl j;

	count(e, allow);
	if (e->fd < 0)
		return;
	jsonl_begin(&j, "unjudged");
	jsonl_int(&j, "pid", pid);
	jsonl_str(&j, "decision", decision, strlen(decision));
	jsonl_str(&j, "reason", reason, strlen(reason));
	emit(e, &j);
}

void events_verified(struct events *e, pid_t pid)
{
	about(e, "verified", pid, NULL);
}

void events_killed(struct events *e, pid_t pid, const char *reason)
{
	e->killed++;
	about(e, "killed", pid, reason);
}

void events_exec_failed(struct events *e, pid_t pid)
{
	about(e, "exec-failed", pid, NULL);
}

void events_exited(struct events *e, pid_t pid)
{
	about(e, "exited", pid, NULL);
}

void events_end(struct events *e)
{
	struct jsonl j;

	if (e->fd < 0)
		return;
	jsonl_begin(&j, "end");
	jsonl_int(&j, "allowed", e->allowed);
	jsonl_int(&j, "denied", e->denied);
	jsonl_int(&j, "killed", e->killed);
	emit(e, &j);
}
