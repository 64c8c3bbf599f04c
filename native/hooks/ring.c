// SPDX-License-Identifier: GPL-2.0
/*
 * A ring of bytes, allocated once, between probes and one reader.
 *
 * When it is full the newest record is dropped, never one that is already inside: so the reader can
 * look at the oldest, hand it to the user without the lock, and step over it only once that worked.
 * Drops are told in a record of their own, at the place of the stream where records are missing.
 */
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>

#include "hooks.h"
#include "photofinish_uapi.h"

#ifdef CONFIG_PREEMPT_RT
#error "pf_ring_put() wakes its reader with preemption off: not possible on PREEMPT_RT"
#endif

#define RING_BYTES (256u * 1024) /* a power of two: positions wrap by mask */

/* Guards the ring and all that is said about it. Innermost: nothing is called under it. */
static DEFINE_RAW_SPINLOCK(ring_lock);
static u8 *bytes;
static u32 head; /* where the next record goes; runs on, masked on use */
static u32 tail; /* the oldest record inside */
static u64 dropped;
static u64 dropped_t_ns; /* when the first of them was lost */
static bool open_for_records;

static DEFINE_MUTEX(read_lock); /* one read at a time; taken before ring_lock, may sleep */
static DECLARE_WAIT_QUEUE_HEAD(readable);
static u8 bounce[PF_RECORD_MAX] __aligned(8); /* guarded by read_lock */

int pf_ring_init(void)
{
	bytes = vmalloc(RING_BYTES);
	return bytes ? 0 : -ENOMEM;
}

void pf_ring_exit(void)
{
	vfree(bytes);
	bytes = NULL;
}

void pf_ring_start(void)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&ring_lock, flags);
	head = 0;
	tail = 0;
	dropped = 0;
	WRITE_ONCE(open_for_records, true);
	raw_spin_unlock_irqrestore(&ring_lock, flags);
}

void pf_ring_stop(void)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&ring_lock, flags);
	WRITE_ONCE(open_for_records, false);
	raw_spin_unlock_irqrestore(&ring_lock, flags);
}

bool pf_ring_wanted(void)
{
	return READ_ONCE(open_for_records);
}

/* Both copies: ring_lock held. */
static void copy_in(const void *from, u32 n)
{
	u32 at = head & (RING_BYTES - 1);
	u32 first = min(n, RING_BYTES - at);

	memcpy(bytes + at, from, first);
	memcpy(bytes, from + first, n - first);
	head += n;
}

static void copy_out(void *to, u32 from, u32 n)
{
	u32 at = from & (RING_BYTES - 1);
	u32 first = min(n, RING_BYTES - at);

	memcpy(to, bytes + at, first);
	memcpy(to + first, bytes, n - first);
}

static void fill_head(struct pf_record *record, u16 type, u32 length, u64 t_ns)
{
	record->version = cpu_to_le16(PF_RECORD_VERSION);
	record->type = cpu_to_le16(type);
	record->length = cpu_to_le32(length);
	record->t_ns = cpu_to_le64(t_ns);
}

/* Moves the count of drops into @record. Context: ring_lock held. */
static void take_dropped(struct pf_dropped *record)
{
	fill_head(&record->head, PF_RECORD_DROPPED, sizeof(*record), dropped_t_ns);
	record->count = cpu_to_le64(dropped);
	dropped = 0;
}

/* Context: ring_lock held. */
static void put_locked(struct pf_record *record, u16 type, u32 length)
{
	u32 room = RING_BYTES - (head - tail);
	u32 need = length + (dropped ? sizeof(struct pf_dropped) : 0);
	struct pf_dropped gap;

	fill_head(record, type, length, ktime_get_ns());
	if (room < need) {
		if (!dropped++)
			dropped_t_ns = le64_to_cpu(record->t_ns);
		return;
	}
	if (dropped) {
		take_dropped(&gap);
		copy_in(&gap, sizeof(gap));
	}
	copy_in(record, length);
}

void pf_ring_put(void *record, u16 type, u32 length)
{
	unsigned long flags;
	bool taken;

	raw_spin_lock_irqsave(&ring_lock, flags);
	taken = open_for_records;
	if (taken)
		put_locked(record, type, length);
	raw_spin_unlock_irqrestore(&ring_lock, flags);
	if (taken)
		wake_up_interruptible(&readable);
}

/*
 * The oldest record, copied to bounce; 0 when there is none, else its length, and in @end where the
 * next one begins. Context: read_lock held.
 */
static u32 peek(u32 *end)
{
	struct pf_record *record = (struct pf_record *)bounce;
	unsigned long flags;
	u32 length = 0;

	raw_spin_lock_irqsave(&ring_lock, flags);
	*end = tail;
	if (head != tail) {
		copy_out(record, tail, sizeof(*record));
		length = le32_to_cpu(record->length);
		copy_out(bounce, tail, length);
		*end = tail + length;
	} else if (dropped) {
		/* Put into the empty ring, so that a failed copy to the user does not lose it. */
		take_dropped((struct pf_dropped *)bounce);
		length = sizeof(struct pf_dropped);
		copy_in(bounce, length);
		*end = tail + length;
	}
	raw_spin_unlock_irqrestore(&ring_lock, flags);
	return length;
}

static void step_over(u32 end)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&ring_lock, flags);
	tail = end;
	raw_spin_unlock_irqrestore(&ring_lock, flags);
}

static bool has_records(void)
{
	unsigned long flags;
	bool any;

	raw_spin_lock_irqsave(&ring_lock, flags);
	any = head != tail || dropped;
	raw_spin_unlock_irqrestore(&ring_lock, flags);
	return any;
}

/* As pf_ring_read, without waiting; 0 when there is nothing. Context: read_lock held. */
static ssize_t read_records(char __user *to, size_t size)
{
	size_t done = 0;
	u32 length;
	u32 end;

	while ((length = peek(&end)) != 0) {
		if (length > size - done)
			return done ? done : -EMSGSIZE;
		if (copy_to_user(to + done, bounce, length))
			return done ? done : -EFAULT;
		step_over(end);
		done += length;
	}
	return done;
}

ssize_t pf_ring_read(char __user *to, size_t size, bool wait)
{
	ssize_t got;
	int err;

	for (;;) {
		if (mutex_lock_interruptible(&read_lock))
			return -ERESTARTSYS;
		got = read_records(to, size);
		mutex_unlock(&read_lock);
		if (got)
			return got;
		if (!wait)
			return -EAGAIN;
		err = wait_event_interruptible(readable, has_records());
		if (err)
			return err;
	}
}

bool pf_ring_poll(struct file *file, struct poll_table_struct *table)
{
	poll_wait(file, &readable, table);
	return has_records();
}
