/* SPDX-License-Identifier: Apache-2.0 */
/* The page through which the host hands over a job while the guest is stopped (docs/formats.md). */
#ifndef PF_MAILBOX_H
#define PF_MAILBOX_H

#include "job.h"

#include <stdint.h>

#define MAILBOX_BYTES 4096
#define MAILBOX_MAGIC "PFMBOX1" /* with its NUL: eight bytes */

struct mailbox {
	char magic[8];
	uint8_t length_le[4];
	uint8_t crc_le[4];
	char job[JOB_MAX];
};
_Static_assert(sizeof(struct mailbox) == MAILBOX_BYTES, "the mailbox is one page");

/* A locked page and its guest-physical address. 0 or -errno. */
int mailbox_open(struct mailbox **box, uint64_t *physical);

/* Where a byte is that is in memory. 0 or -errno. */
int mailbox_physical(const void *byte, uint64_t *physical);

/* Waits for a job and takes it out. 0, -EBADMSG when its checksum is wrong, or job_parse's errors.
 */
int mailbox_wait(struct mailbox *box, struct job *job);

/* What mailbox_wait does with the bytes it found; apart for tests. */
int mailbox_read(const struct mailbox *box, struct job *job);

#endif
