// SPDX-License-Identifier: Apache-2.0
#include "truth_device.h"
#include "frame.h"
#include "truth.h"
#include "watch.h"

#include <errno.h>
#include <string.h>

#define DEVICE	   "/dev/photofinish"
#define RING_BYTES (256u << 10)

static int add_own(struct hooks *session)
{
	static const enum pf_kind kinds[] = { PF_EXEC, PF_FORK };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct pf_hook hook = hooks_all(kinds[i]);
		int id = hooks_add(session, &hook);

		if (id < 0)
			return id;
	}
	return 0;
}

/* What this kernel cannot do is no failure of anybody's. */
static void say_refused(const struct truth *truth, unsigned index, int err)
{
	const char *reason = truth->session.reason;
	struct jsonl j;

	if (err != -EOPNOTSUPP)
		return frame_error("hook", reason[0] ? reason : DEVICE, err);
	jsonl_begin(&j, "unsupported");
	jsonl_int(&j, "hook", index);
	jsonl_str(&j, "reason", reason, strlen(reason));
	frame_event(&j);
}

static int add_watch(struct truth *truth, const struct job_hook *wanted)
{
	static struct sock_filter program[PF_PROGRAM_MOST];
	struct pf_hook hook;
	int id = watch_decode(wanted->word, &hook, program);

	if (id < 0) {
		frame_error("hook", "it is not one", id);
		return id;
	}
	id = hooks_add(&truth->session, &hook);
	if (id < 0) {
		say_refused(truth, wanted->index, id);
		return id;
	}
	truth->watch[truth->watched].id = id;
	truth->watch[truth->watched++].index = wanted->index;
	return 0;
}

int truth_device_open(struct truth *truth, const struct job *job)
{
	int err;

	truth->session.fd = -1;
	truth->watched = 0;
	if (!job->truth && !job->hook_count)
		return 0;
	err = hooks_open(&truth->session, RING_BYTES);
	if (!err && job->truth)
		err = add_own(&truth->session);
	if (err) {
		frame_error("truth", DEVICE, err);
		hooks_close(&truth->session);
		return err;
	}
	for (size_t i = 0; !err && i < job->hook_count; i++)
		err = add_watch(truth, &job->hooks[i]);
	return err;
}

static void send(struct jsonl *j)
{
	if (!jsonl_end(j))
		frame_send("hooks", j->buf, j->len - 1);
}

/* Of which entry of the job's list it is; TRUTH_OWN where it is of none. */
static int index_of(const struct truth *truth, const struct pf_record *record)
{
	for (size_t i = 0; record->kind < PF_KINDS && i < truth->watched; i++)
		if ((uint32_t)truth->watch[i].id == ((const struct pf_event *)record)->hook)
			return (int)truth->watch[i].index;
	return TRUTH_OWN;
}

void truth_device_drain(struct truth *truth)
{
	const struct pf_record *record;
	struct jsonl j;
	int err;

	while ((record = hooks_next(&truth->session, &err))) {
		int flaw = truth_json(record, index_of(truth, record), &j);

		if (!flaw)
			send(&j);
		else
			frame_error("decode", DEVICE, flaw);
	}
	if (err)
		frame_error("read", DEVICE, err);
}

void truth_device_close(struct truth *truth)
{
	uint32_t untold;
	struct jsonl j;

	if (truth->session.fd < 0)
		return;
	untold = hooks_untold(&truth->session);
	if (untold) {
		truth_dropped(untold, jsonl_now(), &j);
		send(&j);
	}
	hooks_close(&truth->session);
}
