// SPDX-License-Identifier: GPL-2.0
/*
 * A session's rings, one for each CPU, in one area that its reader maps.
 *
 * Written with interrupts off by the CPU itself, so nothing is locked. When a ring is full the newest
 * record is dropped, never one that is already inside; drops are counted, and told by a record at the
 * place where records are missing. The reader can write all of the area: only `tail` is ever read
 * from it, and a wrong one makes the ring look full.
 */
#include <linux/irq_work.h>
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>

#include "hooks.h"

struct writer {
	struct pf_ring *ring;
	u8 *data;
	u32 head;
	u64 dropped; /* since the last record that told of drops */
	u64 dropped_t_ns;
};

struct pf_rings_state {
	u32 data_bytes, stride;
	u8 *area;
	unsigned long wanted; /* somebody waits, and is to be woken */
	wait_queue_head_t readable;
	struct irq_work wake; /* a probe may hold locks that waking would take */
	struct writer writers[];
};

static void wake(struct irq_work *work)
{
	wake_up_interruptible(&container_of(work, struct pf_rings_state, wake)->readable);
}

struct pf_rings_state *pf_rings_new(u32 data_bytes)
{
	struct pf_rings_state *r;
	unsigned int cpu;

	r = kzalloc(sizeof(*r) + nr_cpu_ids * sizeof(r->writers[0]), GFP_KERNEL);
	if (!r)
		return NULL;
	r->data_bytes = data_bytes;
	r->stride = PAGE_SIZE + PAGE_ALIGN(data_bytes);
	r->area = vmalloc_user((unsigned long)r->stride * nr_cpu_ids);
	if (!r->area) {
		kfree(r);
		return NULL;
	}
	init_waitqueue_head(&r->readable);
	init_irq_work(&r->wake, wake);
	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		r->writers[cpu].ring = (struct pf_ring *)(r->area + (size_t)cpu * r->stride);
		r->writers[cpu].data = (u8 *)r->writers[cpu].ring + PAGE_SIZE;
	}
	return r;
}

void pf_rings_free(struct pf_rings_state *r)
{
	if (!r)
		return;
	irq_work_sync(&r->wake);
	vfree(r->area);
	kfree(r);
}

u32 pf_rings_stride(const struct pf_rings_state *r)
{
	return r->stride;
}

int pf_rings_map(struct pf_rings_state *r, struct vm_area_struct *vma)
{
	unsigned long pages = (unsigned long)r->stride * nr_cpu_ids >> PAGE_SHIFT;
	unsigned long wanted = (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;

	/* Before bdebd6a2831b, first in 5.7, the kernel's own check counts the guard page as well. */
	if (vma->vm_pgoff > pages || wanted > pages - vma->vm_pgoff)
		return -EINVAL;
	return remap_vmalloc_range(vma, r->area, vma->vm_pgoff);
}

wait_queue_head_t *pf_rings_queue(struct pf_rings_state *r)
{
	return &r->readable;
}

static u8 *at_head(const struct pf_rings_state *r, const struct writer *w)
{
	return w->data + (w->head & (r->data_bytes - 1));
}

/* Room for @n bytes in one piece, or NULL; what is left before the ring's end becomes a pad. */
static u8 *reserve(const struct pf_rings_state *r, struct writer *w, u32 n)
{
	u32 used = w->head - smp_load_acquire(&w->ring->tail);
	u32 left = r->data_bytes - (w->head & (r->data_bytes - 1));
	struct pf_record *pad;

	if (used > r->data_bytes || r->data_bytes - used < n + (left < n ? left : 0))
		return NULL;
	if (left < n) {
		pad = (struct pf_record *)at_head(r, w);
		*pad = (struct pf_record){ .kind = PF_PAD, .length = left };
		w->head += left;
	}
	return at_head(r, w);
}

static void publish(struct writer *w)
{
	smp_store_release(&w->ring->head, w->head);
}

/* False while there is no room even for that. Context: interrupts off. */
static bool tell_drops(struct pf_rings_state *r, struct writer *w)
{
	struct pf_dropped_record record = {
		.head = { PF_DROPPED, 0, sizeof(record), w->dropped_t_ns },
		.count = w->dropped,
	};
	u8 *to = reserve(r, w, sizeof(record));

	if (!to)
		return false;
	memcpy(to, &record, sizeof(record));
	w->head += sizeof(record);
	w->dropped = 0;
	publish(w);
	return true;
}

bool pf_rings_put(struct pf_rings_state *r, struct pf_record *record, u32 length)
{
	u32 whole = ALIGN(length, PF_RECORD_ALIGN);
	unsigned long flags;
	struct writer *w;
	u8 *to = NULL;

	record->length = whole;
	local_irq_save(flags);
	w = &r->writers[smp_processor_id()];
	record->t_ns = ktime_get_ns();
	if (likely(!w->dropped) || tell_drops(r, w))
		to = reserve(r, w, whole);
	if (likely(to)) {
		memcpy(to, record, length);
		if (whole != length)
			memset(to + length, 0, whole - length);
		w->head += whole;
		publish(w);
	} else {
		if (!w->dropped++)
			w->dropped_t_ns = record->t_ns;
		w->ring->dropped++;
	}
	local_irq_restore(flags);
	/* With that of pf_rings_wait(): either the head is seen there, or that somebody waits is seen here. */
	smp_mb();
	if (READ_ONCE(r->wanted) && test_and_clear_bit(0, &r->wanted))
		irq_work_queue(&r->wake);
	return to;
}

bool pf_rings_wait(struct pf_rings_state *r)
{
	unsigned int cpu;

	/* Before the look, with the barrier of pf_rings_put(): a record that comes after it wakes. */
	set_bit(0, &r->wanted);
	smp_mb__after_atomic();
	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		const struct writer *w = &r->writers[cpu];

		/* Drops alone are nothing to read: the next record brings what tells of them. */
		if (READ_ONCE(w->ring->tail) != smp_load_acquire(&w->ring->head))
			return true;
	}
	return false;
}
