// SPDX-License-Identifier: Apache-2.0
#include "hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define DEVICE "/dev/photofinish"

static int map(struct hooks *h, uint32_t data_bytes)
{
	struct pf_rings rings = { .version = PF_VERSION, .data_bytes = data_bytes };
	void *area;

	if (h->info.cpus > HOOKS_CPUS_MOST)
		return -E2BIG;
	if (ioctl(h->fd, PF_IOC_RINGS, &rings) < 0)
		return -errno;
	h->data_bytes = data_bytes;
	h->stride = rings.stride;
	h->page = (uint32_t)sysconf(_SC_PAGESIZE);
	area = mmap(NULL, (size_t)h->stride * h->info.cpus, PROT_READ | PROT_WRITE, MAP_SHARED,
		    h->fd, 0);
	if (area == MAP_FAILED)
		return -errno;
	h->area = area;
	return 0;
}

int hooks_open(struct hooks *h, uint32_t data_bytes)
{
	int err = 0;

	memset(h, 0, sizeof(*h));
	h->cpu = -1;
	h->fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (h->fd < 0)
		return -errno;
	if (ioctl(h->fd, PF_IOC_INFO, &h->info) < 0)
		err = errno == ENOTTY ? -EPROTO : -errno;
	else if (h->info.version != PF_VERSION)
		err = -EPROTO;
	if (!err)
		err = map(h, data_bytes);
	if (err)
		hooks_close(h);
	return err;
}

void hooks_close(struct hooks *h)
{
	if (h->area)
		munmap(h->area, (size_t)h->stride * h->info.cpus);
	if (h->fd >= 0)
		close(h->fd);
	h->area = NULL;
	h->fd = -1;
}

struct pf_hook hooks_all(enum pf_kind kind)
{
	return (struct pf_hook){
		.version = PF_VERSION, .kind = kind, .flags = PF_RECORD, .number = -1
	};
}

static struct pf_ring *ring_of(const struct hooks *h, uint32_t cpu)
{
	return (struct pf_ring *)(void *)(h->area + (size_t)cpu * h->stride);
}

static const uint8_t *data_of(const struct hooks *h, uint32_t cpu)
{
	return h->area + (size_t)cpu * h->stride + h->page;
}

static void load_heads(const struct hooks *h, uint32_t heads[])
{
	for (uint32_t cpu = 0; cpu < h->info.cpus; cpu++)
		heads[cpu] = __atomic_load_n(&ring_of(h, cpu)->head, __ATOMIC_ACQUIRE);
}

/*
 * The record of the failure is behind where the heads were before: it is looked for, and stays where it is. An older
 * one is another failure's, and there may be none.
 */
static void find_reason(struct hooks *h, const uint32_t before[])
{
	uint64_t newest = 0;
	uint32_t heads[HOOKS_CPUS_MOST];

	load_heads(h, heads);
	for (uint32_t cpu = 0; cpu < h->info.cpus; cpu++) {
		const uint8_t *data = data_of(h, cpu);
		uint32_t head = heads[cpu], at = before[cpu];

		while (head - at >= sizeof(struct pf_record) && head - at <= h->data_bytes) {
			const struct pf_reason_record *r =
				(const struct pf_reason_record
					 *)(const void *)(data + (at & (h->data_bytes - 1)));

			if (r->head.length < sizeof(r->head))
				break;
			if (r->head.kind == PF_REASON && r->head.length >= sizeof(*r) &&
			    r->head.t_ns >= newest) {
				newest = r->head.t_ns;
				memcpy(h->reason, r->text, sizeof(h->reason) - 1);
			}
			at += r->head.length;
		}
	}
}

int hooks_add(struct hooks *h, const struct pf_hook *hook)
{
	uint32_t before[HOOKS_CPUS_MOST];
	int id, err;

	load_heads(h, before);
	id = ioctl(h->fd, PF_IOC_ADD, hook);
	err = errno;
	memset(h->reason, 0, sizeof(h->reason));
	if (id >= 0)
		return id;
	find_reason(h, before);
	return -err;
}

bool hooks_draw(const struct pf_hook *hook, uint32_t n, uint64_t *hold_ns)
{
	uint64_t z = hook->seed + (n + 1ull) * 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	z ^= z >> 31;
	*hold_ns = hook->deed == PF_DO_HOLD ? (z >> 32) * (uint64_t)(hook->value + 1) >> 32 : 0;
	return hook->one_in <= 1 || (uint32_t)z % hook->one_in == 0;
}

int hooks_remove(struct hooks *h, int id)
{
	return ioctl(h->fd, PF_IOC_REMOVE, (unsigned long)id) < 0 ? -errno : 0;
}

int hooks_counts(struct hooks *h, int id, struct pf_counts *out)
{
	memset(out, 0, sizeof(*out));
	out->hook = (uint32_t)id;
	return ioctl(h->fd, PF_IOC_COUNTS, out) < 0 ? -errno : 0;
}

/*
 * What made a record come was recorded before it, but maybe on a CPU whose head was loaded by then. So all heads are loaded
 * twice: what is in the first ones has its causes in the second ones, and the look ends with the last that is in the first.
 */
static void begin(struct hooks *h)
{
	load_heads(h, h->ends);
	load_heads(h, h->heads);
	for (uint32_t cpu = 0; cpu < h->info.cpus; cpu++)
		h->at[cpu] = ring_of(h, cpu)->tail;
}

/* The next one of this CPU that is no pad, NULL, or *err. */
static const struct pf_record *front(struct hooks *h, uint32_t cpu, int *err)
{
	const uint8_t *data = data_of(h, cpu);

	while (h->at[cpu] != h->heads[cpu]) {
		uint32_t offset = h->at[cpu] & (h->data_bytes - 1);
		uint32_t left = h->heads[cpu] - h->at[cpu];
		const struct pf_record *r = (const struct pf_record *)(const void *)(data + offset);

		if (left > h->data_bytes || left < sizeof(*r) || r->length < sizeof(*r) ||
		    r->length > left || r->length % PF_RECORD_ALIGN ||
		    r->length > h->data_bytes - offset) {
			*err = -EBADMSG;
			return NULL;
		}
		if (r->kind != PF_PAD)
			return r;
		h->at[cpu] += r->length;
	}
	return NULL;
}

static void give_back(struct hooks *h, uint32_t cpu)
{
	__atomic_store_n(&ring_of(h, cpu)->tail, h->at[cpu], __ATOMIC_RELEASE);
}

static void finish_last(struct hooks *h)
{
	const struct pf_record *r;
	int err = 0;

	if (h->cpu < 0)
		return begin(h);
	r = front(h, (uint32_t)h->cpu, &err);
	if (!r)
		return;
	if (r->kind == PF_DROPPED && r->length >= sizeof(struct pf_dropped_record))
		h->told += (uint32_t)((const struct pf_dropped_record *)(const void *)r)->count;
	h->at[h->cpu] += r->length;
	give_back(h, (uint32_t)h->cpu);
}

const struct pf_record *hooks_next(struct hooks *h, int *err)
{
	const struct pf_record *oldest = NULL;
	bool over = true;

	*err = 0;
	finish_last(h);
	h->cpu = -1;
	for (uint32_t cpu = 0; cpu < h->info.cpus && !*err; cpu++) {
		const struct pf_record *r = front(h, cpu, err);

		if (!r) {
			give_back(h, cpu); /* what was left may have been a pad */
		} else if (!oldest || r->t_ns < oldest->t_ns) {
			oldest = r;
			h->cpu = (int)cpu;
		}
		over = over && (int32_t)(h->ends[cpu] - h->at[cpu]) <= 0;
	}
	if (*err || over) {
		h->cpu = -1;
		return NULL;
	}
	return oldest;
}

uint32_t hooks_untold(const struct hooks *h)
{
	uint32_t dropped = 0;

	for (uint32_t cpu = 0; cpu < h->info.cpus; cpu++)
		dropped += __atomic_load_n(&ring_of(h, cpu)->dropped, __ATOMIC_RELAXED);
	return dropped - h->told;
}
