// SPDX-License-Identifier: Apache-2.0
#include "later.h"

#include "jsonl.h"

#include <errno.h>

/* At first soon, for most wait for a moment only; then less often, for each look stops everybody. */
#define FIRST_NS 10000000u
#define DOUBLED	 4u
#define NS_IN_MS 1000000u

static struct later kept[LATER_MOST];
static unsigned count;

static uint64_t delay_ns(unsigned times)
{
	unsigned doubled = times > 1 ? times - 1 : 0;

	return (uint64_t)FIRST_NS << (doubled < DOUBLED ? doubled : DOUBLED);
}

int later_keep(const struct later *call)
{
	if (count == LATER_MOST)
		return -EAGAIN;
	kept[count] = *call;
	kept[count++].due_ns = jsonl_now() + delay_ns(call->times);
	return 0;
}

static unsigned first(void)
{
	unsigned at = 0;

	for (unsigned i = 1; i < count; i++)
		if (kept[i].due_ns < kept[at].due_ns)
			at = i;
	return at;
}

bool later_take(struct later *out)
{
	unsigned at = first();

	if (!count || kept[at].due_ns > jsonl_now())
		return false;
	*out = kept[at];
	kept[at] = kept[--count];
	return true;
}

int later_ms(void)
{
	uint64_t now_ns, due_ns;

	if (!count)
		return -1;
	now_ns = jsonl_now();
	due_ns = kept[first()].due_ns;
	return due_ns > now_ns ? (int)((due_ns - now_ns + NS_IN_MS - 1) / NS_IN_MS) : 0;
}
