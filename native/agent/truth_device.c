// SPDX-License-Identifier: Apache-2.0
#include "truth_device.h"
#include "frame.h"
#include "truth.h"

#include <errno.h>

#define DEVICE	   "/dev/photofinish"
#define RING_BYTES (256u << 10)

int truth_device_open(struct hooks *session)
{
	static const enum pf_kind kinds[] = { PF_EXEC, PF_FORK };
	int err = hooks_open(session, RING_BYTES);

	for (size_t i = 0; !err && i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct pf_hook hook = hooks_all(kinds[i]);
		int id = hooks_add(session, &hook);

		if (id < 0)
			err = id;
	}
	if (err)
		hooks_close(session);
	return err;
}

static void send(struct jsonl *j)
{
	if (!jsonl_end(j))
		frame_send("hooks", j->buf, j->len - 1);
}

void truth_device_drain(struct hooks *session)
{
	const struct pf_record *record;
	struct jsonl j;
	int err;

	while ((record = hooks_next(session, &err))) {
		int flaw = truth_json(record, &j);

		if (!flaw)
			send(&j);
		else
			frame_error("decode", DEVICE, flaw);
	}
	if (err)
		frame_error("read", DEVICE, err);
}

void truth_device_close(struct hooks *session)
{
	uint32_t untold;
	struct jsonl j;

	if (session->fd < 0)
		return;
	untold = hooks_untold(session);
	if (untold) {
		truth_dropped(untold, jsonl_now(), &j);
		send(&j);
	}
	hooks_close(session);
}
