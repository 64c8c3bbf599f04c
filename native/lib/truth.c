// SPDX-License-Identifier: Apache-2.0
#include "address.h"
#include "truth.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Every byte may take six on the line, and every argument three more for quotes and comma. */
_Static_assert(PF_ADDRESS_MOST <= ADDRESS_MOST, "every address has a wording");
_Static_assert(PF_PATH_MOST * 6 + PF_ARGV_MOST * 6 + 200 < JSONL_MAX, "every event fits in a line");

/* One element for each string there is, at most argc: a cut list is shorter than argc. */
static void put_argv(struct jsonl *j, const uint8_t *at, size_t left, uint64_t argc)
{
	jsonl_array_begin(j, "argv");
	for (uint64_t i = 0; i < argc && left > 0; i++) {
		const uint8_t *nul = memchr(at, 0, left);
		size_t n = nul ? (size_t)(nul - at) : left;

		jsonl_element(j, at, n);
		n += nul ? 1 : 0;
		at += n;
		left -= n;
	}
	jsonl_array_end(j);
}

/* Larger ones would not be exact where the runner reads numbers: they are decimal strings. */
#define EXACT (1ll << 53)

static void put_number(struct jsonl *j, const char *key, long long value)
{
	char text[24];
	int n;

	if (value > -EXACT && value < EXACT)
		return jsonl_int(j, key, value);
	n = snprintf(text, sizeof(text), "%lld", value);
	jsonl_str(j, key, text, n > 0 ? (size_t)n : 0);
}

static void begin(struct jsonl *j, const char *name, const struct pf_event *e, int hook)
{
	jsonl_begin_at(j, name, e->head.t_ns);
	if (hook != TRUTH_OWN)
		jsonl_int(j, "hook", hook);
	jsonl_int(j, "pid", e->view.pid);
}

static int put_exec(struct jsonl *j, const struct pf_exec_event *e, int hook)
{
	size_t room = e->event.head.length - sizeof(*e);

	if (e->path_bytes > PF_PATH_MOST || e->argv_bytes > PF_ARGV_MOST ||
	    (size_t)e->path_bytes + e->argv_bytes > room)
		return -EBADMSG;
	begin(j, "exec", &e->event, hook);
	jsonl_str(j, "path", e->data, e->path_bytes);
	jsonl_int(j, "argc", (long long)e->event.view.args[0]);
	put_argv(j, e->data + e->path_bytes, e->argv_bytes, e->event.view.args[0]);
	jsonl_bool(j, "truncated", e->event.head.flags & PF_TRUNCATED);
	return 0;
}

static void put_fork(struct jsonl *j, const struct pf_event *e, int hook)
{
	begin(j, "fork", e, hook);
	jsonl_int(j, "child", (long long)e->view.args[0]);
}

static void put_call(struct jsonl *j, const struct pf_event *e, int hook)
{
	static const char *const keys[] = { "arg0", "arg1", "arg2", "arg3", "arg4", "arg5" };
	bool returns = e->head.kind == PF_RETURN;

	begin(j, returns ? "return" : "call", e, hook);
	jsonl_int(j, "tid", e->view.tid);
	jsonl_int(j, "number", e->view.number);
	jsonl_int(j, "abi", e->view.abi);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		put_number(j, keys[i], (long long)e->view.args[i]);
	if (!returns) {
		jsonl_bool(j, "skipped", e->head.flags & PF_SKIPPED);
		return;
	}
	put_number(j, "result", e->view.result);
	jsonl_bool(j, "callSeen", !(e->head.flags & PF_NO_CALL));
}

static void put_exit(struct jsonl *j, const struct pf_event *e, int hook)
{
	begin(j, "exit", e, hook);
	jsonl_int(j, "tid", e->view.tid);
	jsonl_int(j, "status", (long long)e->view.args[0]);
	jsonl_bool(j, "leads", e->view.args[1]);
}

static void put_signal(struct jsonl *j, const struct pf_event *e, int hook)
{
	begin(j, "signal", e, hook);
	jsonl_int(j, "tid", e->view.tid);
	jsonl_int(j, "signal", (long long)e->view.args[0]);
	jsonl_int(j, "code", (int)e->view.args[1]);
}

static int put_open(struct jsonl *j, const struct pf_path_event *e, int hook)
{
	const __u64 *args = e->event.view.args;

	if (e->path_bytes > PF_PATH_MOST || e->path_bytes > e->event.head.length - sizeof(*e))
		return -EBADMSG;
	begin(j, "open", &e->event, hook);
	jsonl_str(j, "path", e->data, e->path_bytes);
	put_number(j, "flags", (long long)args[0]);
	put_number(j, "mode", (long long)args[1]);
	put_number(j, "dev", (long long)args[2]);
	put_number(j, "ino", (long long)args[3]);
	put_number(j, "rdev", (long long)args[4]);
	jsonl_bool(j, "truncated", e->event.head.flags & PF_TRUNCATED);
	return 0;
}

/* The inode's number is the argument that it is. */
static void put_socket(struct jsonl *j, const char *name, const struct pf_event *e, unsigned ino,
		       int hook)
{
	begin(j, name, e, hook);
	put_number(j, "family", (long long)e->view.args[0]);
	put_number(j, "type", (long long)e->view.args[1]);
	put_number(j, "protocol", (long long)e->view.args[2]);
	put_number(j, "ino", (long long)e->view.args[ino]);
}

static int put_addressed(struct jsonl *j, const struct pf_address_event *e, int hook)
{
	uint64_t family = e->event.view.args[5];

	if (e->address_bytes > PF_ADDRESS_MOST ||
	    e->address_bytes > e->event.head.length - sizeof(*e))
		return -EBADMSG;
	put_socket(j, e->event.head.kind == PF_BIND ? "bind" : "connect", &e->event, 4, hook);
	put_number(j, "addressFamily", (long long)family);
	address_json(j, family, e->data, e->address_bytes);
	return 0;
}

static void put_unanswered(struct jsonl *j, const struct pf_event *e, int hook)
{
	const __u64 *args = e->view.args;

	begin(j, "unanswered", e, hook);
	put_number(j, "command", (long long)args[0]);
	put_number(j, "argument", (long long)args[1]);
	put_number(j, "rdev", (long long)args[2]);
	put_number(j, "dev", (long long)args[3]);
	put_number(j, "ino", (long long)args[4]);
	put_number(j, "mode", (long long)args[5]);
}

void truth_dropped(uint64_t count, uint64_t t_ns, struct jsonl *j)
{
	jsonl_begin_at(j, "dropped", t_ns);
	jsonl_int(j, "count", (long long)count);
}

static size_t least_of(uint16_t kind)
{
	switch (kind) {
	case PF_EXEC:
		return sizeof(struct pf_exec_event);
	case PF_CALL:
	case PF_RETURN:
	case PF_FORK:
	case PF_EXIT:
	case PF_SIGNAL:
	case PF_RELEASE:
	case PF_UNANSWERED:
		return sizeof(struct pf_event);
	case PF_OPEN:
		return sizeof(struct pf_path_event);
	case PF_BIND:
	case PF_CONNECT:
		return sizeof(struct pf_address_event);
	case PF_DROPPED:
		return sizeof(struct pf_dropped_record);
	default:
		return sizeof(struct pf_record);
	}
}

int truth_json(const struct pf_record *record, int hook, struct jsonl *j)
{
	const void *at = record;

	if (record->length < least_of(record->kind))
		return -EBADMSG;
	switch (record->kind) {
	case PF_EXEC:
		return put_exec(j, at, hook);
	case PF_FORK:
		put_fork(j, at, hook);
		return 0;
	case PF_CALL:
	case PF_RETURN:
		put_call(j, at, hook);
		return 0;
	case PF_EXIT:
		put_exit(j, at, hook);
		return 0;
	case PF_SIGNAL:
		put_signal(j, at, hook);
		return 0;
	case PF_OPEN:
		return put_open(j, at, hook);
	case PF_BIND:
	case PF_CONNECT:
		return put_addressed(j, at, hook);
	case PF_RELEASE:
		put_socket(j, "release", at, 3, hook);
		return 0;
	case PF_UNANSWERED:
		put_unanswered(j, at, hook);
		return 0;
	case PF_DROPPED:
		truth_dropped(((const struct pf_dropped_record *)at)->count, record->t_ns, j);
		return 0;
	default:
		return -ENOTSUP;
	}
}
