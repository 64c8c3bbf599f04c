/* SPDX-License-Identifier: Apache-2.0 */
/* Records of the hook module (hooks/photofinish_uapi.h), decoded and worded as events. */
#ifndef PF_TRUTH_H
#define PF_TRUTH_H

#include "jsonl.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Enough for any one record: a read with a buffer of this size never fails with EMSGSIZE. */
#define TRUTH_RECORD_MAX 544

enum truth_kind {
	TRUTH_EXEC,
	TRUTH_FORK,
	TRUTH_DROPPED,
	TRUTH_UNKNOWN, /* of a newer module: step over it */
};

/* Pointers point into the decoded buffer. */
struct truth_event {
	enum truth_kind kind;
	uint64_t t_ns;	/* CLOCK_MONOTONIC */
	uint32_t pid;	/* exec, fork */
	uint32_t child; /* fork */
	uint64_t count; /* dropped */
	uint32_t argc;	/* exec, and what follows */
	bool truncated; /* path or arguments are not whole */
	const uint8_t *path;
	size_t path_len;
	const uint8_t *args; /* strings, each with its NUL but for a cut one at the end */
	size_t args_len;
};

/*
 * Decodes the record at the start of buf. Pure. Returns its length, that is how far to step; 0 when
 * len is 0; -EBADMSG when the bytes are no whole, consistent record; -EPROTO for another version.
 */
int truth_decode(const uint8_t *buf, size_t len, struct truth_event *out);

/*
 * Begins a line with the event as the runner knows it and the record's own time; the caller ends or
 * sends it. Every event fits. Returns 0, or -EINVAL for TRUTH_UNKNOWN, which has no wording.
 */
int truth_json(const struct truth_event *event, struct jsonl *j);

#endif
