// SPDX-License-Identifier: Apache-2.0
#include "hooks.h"
#include "tap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

/* Rings without a module: the test writes what it would. */
#define CPUS 2
#define DATA PF_RING_LEAST
#define PAGE (64u << 10) /* more than the data */

static struct hooks h;
static uint64_t now;
static const char *will_say; /* the next ioctl, which fails; NULL: nothing */

static struct pf_ring *ring_of(unsigned cpu)
{
	return (struct pf_ring *)(void *)(h.area + (size_t)cpu * h.stride);
}

static void begin(void)
{
	h = (struct hooks){ .fd = -1,
			    .info.cpus = CPUS,
			    .data_bytes = DATA,
			    .stride = 2 * PAGE,
			    .page = PAGE,
			    .cpu = -1 };
	h.area = aligned_alloc(PAGE, (size_t)h.stride * CPUS);
	if (!h.area)
		abort();
	memset(h.area, 0, (size_t)h.stride * CPUS);
	now = 0;
}

static void end(void)
{
	free(h.area);
}

static void put(unsigned cpu, enum pf_kind kind, const char *text)
{
	struct pf_reason_record r = { .head = { kind, 0, sizeof(r), ++now } };
	struct pf_ring *ring = ring_of(cpu);

	strncpy(r.text, text, sizeof(r.text) - 1);
	memcpy((uint8_t *)ring + PAGE + ring->head, &r, sizeof(r));
	ring->head += sizeof(r);
}

int ioctl(int fd, unsigned long request, ...)
{
	(void)fd;
	(void)request;
	if (will_say)
		put(0, PF_REASON, will_say);
	errno = ENOMEM;
	return -1;
}

static int add(const char *say)
{
	const struct pf_hook hook = hooks_all(PF_CALL);

	will_say = say;
	return hooks_add(&h, &hook);
}

static void test_reasons(void)
{
	begin();
	ok(add("deed: unknown") == -ENOMEM && !strcmp(h.reason, "deed: unknown"),
	   "a hook that is refused has its reason");
	ok(add(NULL) == -ENOMEM && !h.reason[0],
	   "one of which nothing was said has no older one's");
	put(1, PF_REASON, "another");
	ok(add("kind: unknown") == -ENOMEM && !strcmp(h.reason, "kind: unknown"),
	   "nor has one of which something was said");
	ok(ring_of(0)->tail == 0 && ring_of(1)->tail == 0, "reasons stay where they are");
	end();
}

/* Times of what a look gives, one digit each. */
static const char *look(void)
{
	static char times[16];
	const struct pf_record *r;
	size_t n = 0;
	int err;

	while (n + 1 < sizeof(times) && (r = hooks_next(&h, &err)))
		times[n++] = (char)('0' + r->t_ns);
	times[n] = '\0';
	return times;
}

static void test_order(void)
{
	const struct pf_record *r;
	int err;

	begin();
	put(1, PF_EXIT, "");
	put(0, PF_EXIT, "");
	put(1, PF_EXIT, "");
	ok(!strcmp(look(), "123"), "a look is in the order of times");
	ok(!strcmp(look(), "") && ring_of(1)->tail == ring_of(1)->head, "and takes what it gave");

	put(1, PF_EXIT, "");
	r = hooks_next(&h, &err);
	put(0, PF_EXIT, "");
	ok(r && r->t_ns == 4 && !strcmp(look(), ""), "what came later is not of this look");
	ok(!strcmp(look(), "5"), "but of the next");
	end();
}

/* As if CPU 0 had recorded between the two times that its head is loaded. */
static void test_causes(void)
{
	const struct pf_record *r;
	int err;

	begin();
	put(1, PF_EXIT, "");
	now++;
	put(1, PF_EXIT, "");
	r = hooks_next(&h, &err);
	now = 1;
	put(0, PF_EXIT, "");
	now = 3;
	put(0, PF_EXIT, "");
	h.heads[0] = ring_of(0)->head;
	ok(r && r->t_ns == 1 && !strcmp(look(), "23"), "what made a record come is told before it");
	ok(!strcmp(look(), "4"), "what may have its own cause elsewhere waits for the next look");
	end();
}

int main(void)
{
	test_order();
	test_causes();
	test_reasons();
	return tap_done();
}
