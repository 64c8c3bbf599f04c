// SPDX-License-Identifier: Apache-2.0
#include "expected.h"
#include "broken.h"

#include <string.h>
#include <unistd.h>

/* For a batch of each kind. */
#define RING_BYTES (512u << 10)
_Static_assert(EXPECTED_EVENTS % EXPECTED_MOST == 0, "all of them are looked at");

/* The records that bring data have two sizes of these, and it, at the same place. */
#define SIZES_AT sizeof(struct pf_event)
#define DATA_AT	 sizeof(struct pf_path_event)
_Static_assert(offsetof(struct pf_exec_event, path_bytes) == SIZES_AT &&
		       offsetof(struct pf_path_event, path_bytes) == SIZES_AT &&
		       offsetof(struct pf_address_event, address_bytes) == SIZES_AT &&
		       offsetof(struct pf_exec_event, data) == DATA_AT &&
		       offsetof(struct pf_path_event, data) == DATA_AT &&
		       offsetof(struct pf_address_event, data) == DATA_AT,
	       "one place for all");

struct look {
	struct expected *const *sets;
	unsigned count;
	uint64_t now_ns;
};

struct expected_event *expected_add(struct expected *e, pid_t pid)
{
	struct expected_event *event = &e->batch[e->made++];
	uint32_t number = (uint32_t)pid;

	if (e->made > EXPECTED_MOST)
		kit_broken("too much is expected");
	memset(event, 0, sizeof(*event));
	event->view = (struct pf_view){
		.number = -1, .pid = number, .tid = number, .vpid = number, .vtid = number
	};
	return event;
}

void expected_data(struct expected_event *event, int part, const void *bytes, size_t size)
{
	size_t at = (size_t)event->sizes[0] + event->sizes[1];

	if (at + size > sizeof(event->data))
		kit_broken("too much is expected");
	memcpy(event->data + at, bytes, size);
	event->sizes[part] = (uint16_t)(event->sizes[part] + size);
}

static bool has_data(const struct pf_record *record, const struct expected_event *event)
{
	size_t size = (size_t)event->sizes[0] + event->sizes[1];
	size_t whole = size ? DATA_AT + size : sizeof(struct pf_event);
	const char *at = (const char *)record;

	whole += -whole % PF_RECORD_ALIGN;
	return record->length == whole &&
	       (!size || (!memcmp(at + SIZES_AT, event->sizes, sizeof(event->sizes)) &&
			  !memcmp(at + DATA_AT, event->data, size)));
}

static bool is_as_made(const struct expected *e, const struct pf_record *record, uint64_t now_ns)
{
	const struct expected_event *event = &e->batch[e->next];

	return e->next < e->made && record->kind == e->kind && !record->flags &&
	       record->t_ns >= e->since_ns && record->t_ns <= now_ns &&
	       !memcmp(&((const struct pf_event *)record)->view, &event->view,
		       sizeof(event->view)) &&
	       has_data(record, event);
}

static bool take(const struct pf_record *record, const void *context)
{
	const struct look *look = context;

	for (unsigned i = 0; i < look->count && record->kind < PF_KINDS; i++) {
		struct expected *e = look->sets[i];

		if (((const struct pf_event *)record)->hook != (uint32_t)e->hook)
			continue;
		if (is_as_made(e, record, look->now_ns))
			e->next++;
		else
			e->strange++;
		e->since_ns = record->t_ns;
		return true;
	}
	return false;
}

/* What was not told by now is missing. */
static void look_at_batch(struct session *s, struct expected *const sets[], unsigned count)
{
	const struct look look = { sets, count, jsonl_now() };

	session_count(s, take, &look);
	for (unsigned i = 0; i < count; i++) {
		sets[i]->seen += sets[i]->next;
		sets[i]->made = sets[i]->next = 0;
	}
}

static void begin(struct session *s, struct expected *e, struct pf_hook hook)
{
	memset(e, 0, sizeof(*e));
	if (!s->defended && !s->kit.honest)
		hook.flags &= ~(uint32_t)PF_RECORD;
	e->kind = hook.kind;
	e->since_ns = jsonl_now();
	e->hook = session_add(s, &hook);
}

static bool ends_right(struct session *s, const struct expected *e, unsigned events)
{
	struct pf_counts counts = session_counts(s, e->hook);

	session_remove(s, e->hook);
	return e->seen == events && !e->strange && counts.matched == events &&
	       counts.recorded == events && !counts.dropped && !counts.done && !counts.failed;
}

static void try_once(struct session *s, const struct expected_work *work, unsigned n)
{
	static struct expected expected[EXPECTED_KINDS];
	struct expected *sets[EXPECTED_KINDS];
	bool few = !s->defended || s->kit.honest;
	unsigned events = few ? EXPECTED_MOST : EXPECTED_EVENTS, count = 0, seen = 0;
	bool right = true;

	for (; count < EXPECTED_KINDS && work->hooks[count].version; count++) {
		sets[count] = &expected[count];
		begin(s, sets[count], work->hooks[count]);
	}
	for (unsigned i = 0; i < events; i++) {
		work->make(s, sets, i);
		if (i % EXPECTED_MOST == EXPECTED_MOST - 1)
			look_at_batch(s, sets, count);
	}
	for (unsigned i = 0; i < count; i++) {
		right = ends_right(s, sets[i], events) && right;
		seen += sets[i]->seen;
	}
	session_judged(n, right, count * events, seen);
}

int expected_run(int argc, char **argv, const char *const shapes[],
		 const struct expected_work works[])
{
	struct session s;
	unsigned shape = 0;

	session_begin(&s, argc, argv, shapes, RING_BYTES);
	while (!kit_shape_is(&s.kit, shapes[shape]))
		shape++;
	for (unsigned n = 1; n <= s.kit.trials; n++)
		try_once(&s, &works[shape], n);
	hooks_close(&s.hooks);
	return 0;
}
