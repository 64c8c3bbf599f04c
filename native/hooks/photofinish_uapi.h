/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What /dev/photofinish hands out: records one behind the other, read() returns whole ones only.
 *
 * Every record begins with struct pf_record and is `length` bytes long, a multiple of
 * PF_RECORD_ALIGN, so that a reader can step over what it does not know. All numbers are
 * little-endian on every arch. A change that an old reader would misread raises PF_RECORD_VERSION.
 */
#ifndef PHOTOFINISH_UAPI_H
#define PHOTOFINISH_UAPI_H

#include <linux/types.h>

#define PF_RECORD_VERSION 1
#define PF_RECORD_ALIGN	  8

#define PF_PATH_MAX 256 /* bytes of the path that are kept, without a NUL */
#define PF_ARGV_MAX 256 /* bytes of the argument strings that are kept, with their NULs */

enum pf_record_type {
	PF_RECORD_EXEC = 1,
	PF_RECORD_FORK = 2,
	PF_RECORD_DROPPED = 3,
};

struct pf_record {
	__le16 version; /* PF_RECORD_VERSION */
	__le16 type;	/* enum pf_record_type */
	__le32 length;	/* of the whole record */
	__le64 t_ns;	/* CLOCK_MONOTONIC */
};

#define PF_EXEC_TRUNCATED 1 /* path or arguments did not fit or were unreadable */

/* A new image before its first instruction: what the kernel copied, not what was asked for. */
struct pf_exec {
	struct pf_record head;
	__le32 pid; /* global process id, as all ids here */
	__le32 argc;
	__le32 flags;	 /* PF_EXEC_* */
	__le16 path_len; /* bytes of data that are the path */
	__le16 argv_len; /* bytes behind it that are the arguments, each but a cut one with its NUL */
	__u8 data[];	 /* path, arguments, zeros up to `length` */
};

/* A new process; threads are not reported. */
struct pf_fork {
	struct pf_record head;
	__le32 pid; /* the process that forked */
	__le32 child;
};

/* At this place of the stream records are missing, because nobody read fast enough. */
struct pf_dropped {
	struct pf_record head;
	__le64 count;
};

#define PF_RECORD_MAX (sizeof(struct pf_exec) + PF_PATH_MAX + PF_ARGV_MAX)

_Static_assert(sizeof(struct pf_record) == 16, "wire format");
_Static_assert(sizeof(struct pf_exec) == 32, "wire format");
_Static_assert(sizeof(struct pf_fork) == 24, "wire format");
_Static_assert(sizeof(struct pf_dropped) == 24, "wire format");
_Static_assert(PF_RECORD_MAX % PF_RECORD_ALIGN == 0, "the longest record needs no padding");

#endif
