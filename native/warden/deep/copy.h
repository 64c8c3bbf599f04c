/* SPDX-License-Identifier: Apache-2.0 */
/* What a call was given, read once from its caller's memory: nothing is read again. */
#ifndef PF_DEEP_COPY_H
#define PF_DEEP_COPY_H

#include "calls.h"
#include "decode.h"

#include "../backend.h"

#include <limits.h>
#include <sys/types.h>

/* More than this one call does not send: a stream's goes out in parts, a datagram is refused. */
#define DATA_MOST (256u << 10)
/* struct clone_args and what later kernels may add; a page, as for the kernel. */
#define STRUCT_MOST HOW_MOST

struct deep_call {
	struct held held;
	pid_t tgid;
	const struct deep_shape *shape;
	unsigned called_off; /* how often before (deep/later.h) */
	char path[PATH_MAX]; /* as it was written */
	int dirfd;
	struct how how;		    /* of every open: what the older calls mean by theirs, too */
	uint8_t bytes[STRUCT_MOST]; /* of the struct */
	size_t size;
	int fd; /* the socket's number */
	unsigned flags;
	uint8_t address[ADDRESS_MOST];
	size_t address_size;
	bool has_address;
	int address_arg;    /* where the policy looks for it */
	bool has_control;   /* ancillary data */
	uint64_t data_size; /* whole; at most DATA_MOST of it are copied */
	uint64_t piece_count;
	uint64_t base[PIECES_MOST], piece_size[PIECES_MOST];
};

/* Of no messages at all the kernel looks at the socket alone: no pointer is followed. */
static inline bool sends_nothing(const struct deep_call *c)
{
	return c->shape->kind == KIND_SENDMMSG && !(uint32_t)c->held.args[2];
}

/* 0 or what the kernel would say to such a call, -errno. */
int copy_call(struct deep_call *c);
/*
 * Whether the caller's memory still says all that was judged of a copy; -ESRCH when the caller is
 * gone, -EPERM when it may not be read just now, -EAGAIN when it does not.
 */
int copy_holds(const struct deep_call *c);
/* The data that is to be sent, up to DATA_MOST bytes: 0, -EFAULT, … */
int copy_data(const struct deep_call *c, uint8_t *out, size_t *size);

#endif
