// SPDX-License-Identifier: Apache-2.0
#include "truth.h"
#include "photofinish_uapi.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

_Static_assert(TRUTH_RECORD_MAX == PF_RECORD_MAX, "the header says so without the module's header");
/* Every byte may take six on the line, and every argument three more for quotes and comma. */
_Static_assert(PF_PATH_MAX * 6 + PF_ARGV_MAX * 6 + 200 < JSONL_MAX, "every event fits in a line");

static uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t le32(const uint8_t *p)
{
	return le16(p) | (uint32_t)le16(p + 2) << 16;
}

static uint64_t le64(const uint8_t *p)
{
	return le32(p) | (uint64_t)le32(p + 4) << 32;
}

static int decode_exec(const uint8_t *buf, size_t length, struct truth_event *out)
{
	if (length < sizeof(struct pf_exec))
		return -EBADMSG;
	out->kind = TRUTH_EXEC;
	out->pid = le32(buf + offsetof(struct pf_exec, pid));
	out->argc = le32(buf + offsetof(struct pf_exec, argc));
	out->truncated = le32(buf + offsetof(struct pf_exec, flags)) & PF_EXEC_TRUNCATED;
	out->path_len = le16(buf + offsetof(struct pf_exec, path_len));
	out->args_len = le16(buf + offsetof(struct pf_exec, argv_len));
	if (out->path_len > PF_PATH_MAX || out->args_len > PF_ARGV_MAX ||
	    sizeof(struct pf_exec) + out->path_len + out->args_len > length)
		return -EBADMSG;
	out->path = buf + sizeof(struct pf_exec);
	out->args = out->path + out->path_len;
	return 0;
}

static int decode_fork(const uint8_t *buf, size_t length, struct truth_event *out)
{
	if (length < sizeof(struct pf_fork))
		return -EBADMSG;
	out->kind = TRUTH_FORK;
	out->pid = le32(buf + offsetof(struct pf_fork, pid));
	out->child = le32(buf + offsetof(struct pf_fork, child));
	return 0;
}

static int decode_dropped(const uint8_t *buf, size_t length, struct truth_event *out)
{
	if (length < sizeof(struct pf_dropped))
		return -EBADMSG;
	out->kind = TRUTH_DROPPED;
	out->count = le64(buf + offsetof(struct pf_dropped, count));
	return 0;
}

static int decode_body(const uint8_t *buf, size_t length, struct truth_event *out)
{
	switch (le16(buf + offsetof(struct pf_record, type))) {
	case PF_RECORD_EXEC:
		return decode_exec(buf, length, out);
	case PF_RECORD_FORK:
		return decode_fork(buf, length, out);
	case PF_RECORD_DROPPED:
		return decode_dropped(buf, length, out);
	default:
		out->kind = TRUTH_UNKNOWN;
		return 0;
	}
}

int truth_decode(const uint8_t *buf, size_t len, struct truth_event *out)
{
	uint32_t length;
	int err;

	memset(out, 0, sizeof(*out));
	if (len == 0)
		return 0;
	if (len < sizeof(struct pf_record))
		return -EBADMSG;
	if (le16(buf + offsetof(struct pf_record, version)) != PF_RECORD_VERSION)
		return -EPROTO;
	length = le32(buf + offsetof(struct pf_record, length));
	if (length < sizeof(struct pf_record) || length > PF_RECORD_MAX || length > len ||
	    length % PF_RECORD_ALIGN)
		return -EBADMSG;
	out->t_ns = le64(buf + offsetof(struct pf_record, t_ns));
	err = decode_body(buf, length, out);
	return err ? err : (int)length;
}

/* One element for each string there is, at most argc: a cut list is shorter than argc. */
static void put_argv(const struct truth_event *event, struct jsonl *j)
{
	const uint8_t *at = event->args;
	size_t left = event->args_len;
	const uint8_t *nul;
	size_t n;
	uint32_t i;

	jsonl_array_begin(j, "argv");
	for (i = 0; i < event->argc && left > 0; i++) {
		nul = memchr(at, 0, left);
		n = nul ? (size_t)(nul - at) : left;
		jsonl_element(j, at, n);
		n += nul ? 1 : 0;
		at += n;
		left -= n;
	}
	jsonl_array_end(j);
}

static void put_exec(const struct truth_event *event, struct jsonl *j)
{
	jsonl_begin_at(j, "exec", event->t_ns);
	jsonl_int(j, "pid", event->pid);
	jsonl_str(j, "path", event->path, event->path_len);
	jsonl_int(j, "argc", event->argc);
	put_argv(event, j);
	jsonl_bool(j, "truncated", event->truncated);
}

int truth_json(const struct truth_event *event, struct jsonl *j)
{
	switch (event->kind) {
	case TRUTH_EXEC:
		put_exec(event, j);
		return 0;
	case TRUTH_FORK:
		jsonl_begin_at(j, "fork", event->t_ns);
		jsonl_int(j, "pid", event->pid);
		jsonl_int(j, "child", event->child);
		return 0;
	case TRUTH_DROPPED:
		jsonl_begin_at(j, "dropped", event->t_ns);
		jsonl_int(j, "count", (long long)event->count);
		return 0;
	case TRUTH_UNKNOWN:
		break;
	}
	return -EINVAL;
}
