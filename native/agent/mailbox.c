// SPDX-License-Identifier: Apache-2.0
#include "mailbox.h"
#include "crc32.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* /proc/pid/pagemap, Documentation/admin-guide/mm/pagemap.rst */
#define PAGEMAP_PRESENT (UINT64_C(1) << 63)
#define PAGEMAP_PFN	((UINT64_C(1) << 55) - 1)

/*
 * How often an idle guest looks. The host writes while the guest is stopped, so there is nothing to
 * wait on but memory; sealed guests jump over the time between two looks.
 */
#define POLL_NS (5 * 1000 * 1000)

static uint32_t le32(const volatile uint8_t *b)
{
	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

int mailbox_physical(const void *byte, uint64_t *physical)
{
	long page_size = sysconf(_SC_PAGESIZE);
	uint64_t entry;
	off_t offset;
	ssize_t got;
	int fd;

	if (page_size < MAILBOX_BYTES)
		return -EINVAL;
	offset = (off_t)((uintptr_t)byte / (uintptr_t)page_size * sizeof(entry));
	fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	got = pread(fd, &entry, sizeof(entry), offset);
	close(fd);
	if (got != sizeof(entry))
		return got < 0 ? -errno : -EIO;
	if (!(entry & PAGEMAP_PRESENT) || !(entry & PAGEMAP_PFN))
		return -EPERM;
	*physical = (entry & PAGEMAP_PFN) * (uint64_t)page_size +
		    (uintptr_t)byte % (uintptr_t)page_size;
	return 0;
}

int mailbox_open(struct mailbox **box, uint64_t *physical)
{
	/* MAP_LOCKED alone may leave the page out; mlock says when it could not. */
	void *page = mmap(NULL, MAILBOX_BYTES, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (page == MAP_FAILED)
		return -errno;
	memset(page, 0, MAILBOX_BYTES);
	if (mlock(page, MAILBOX_BYTES))
		return -errno;
	*box = page;
	memcpy((*box)->magic, MAILBOX_MAGIC, sizeof((*box)->magic));
	return mailbox_physical(page, physical);
}

int mailbox_read(const struct mailbox *box, struct job *job)
{
	uint32_t length = le32(box->length_le);

	if (length > JOB_MAX)
		return -E2BIG;
	if (crc32_of(box->job, length) != le32(box->crc_le))
		return -EBADMSG;
	return job_parse(job, box->job, length);
}

int mailbox_wait(struct mailbox *box, struct job *job)
{
	const struct timespec nap = { .tv_nsec = POLL_NS };
	int err;

	while (!le32(box->length_le))
		nanosleep(&nap, NULL);
	err = mailbox_read(box, job);
	memset(box->length_le, 0, sizeof(box->length_le));
	return err;
}
