// SPDX-License-Identifier: Apache-2.0
#include "truth.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* Every byte may take six on the line, and every argument three more for quotes and comma. */
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

static int put_exec(struct jsonl *j, const struct pf_exec_event *e)
{
	size_t room = e->event.head.length - sizeof(*e);

	if (e->path_bytes > PF_PATH_MOST || e->argv_bytes > PF_ARGV_MOST ||
	    (size_t)e->path_bytes + e->argv_bytes > room)
		return -EBADMSG;
	jsonl_begin_at(j, "exec", e->event.head.t_ns);
	jsonl_int(j, "pid", e->event.view.pid);
	jsonl_str(j, "path", e->data, e->path_bytes);
	jsonl_int(j, "argc", (long long)e->event.view.args[0]);
	put_argv(j, e->data + e->path_bytes, e->argv_bytes, e->event.view.args[0]);
	jsonl_bool(j, "truncated", e->event.head.flags & PF_TRUNCATED);
	return 0;
}

static int put_fork(struct jsonl *j, const struct pf_event *e)
{
	jsonl_begin_at(j, "fork", e->head.t_ns);
	jsonl_int(j, "pid", e->view.pid);
	jsonl_int(j, "child", (long long)e->view.args[0]);
	return 0;
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
	case PF_FORK:
		return sizeof(struct pf_event);
	case PF_DROPPED:
		return sizeof(struct pf_dropped_record);
	default:
		return sizeof(struct pf_record);
	}
}

int truth_json(const struct pf_record *record, struct jsonl *j)
{
	const void *at = record;

	if (record->length < least_of(record->kind))
		return -EBADMSG;
	switch (record->kind) {
	case PF_EXEC:
		return put_exec(j, at);
	case PF_FORK:
		return put_fork(j, at);
	case PF_DROPPED:
		truth_dropped(((const struct pf_dropped_record *)at)->count, record->t_ns, j);
		return 0;
	default:
		return -ENOTSUP;
	}
}
