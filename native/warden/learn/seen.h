/* SPDX-License-Identifier: Apache-2.0 */
/* What one observation showed. */
#ifndef PF_SEEN_H
#define PF_SEEN_H

#include "../profile/bag.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* Of a file, by its absolute path as the kernel had it. */
enum {
	SEEN_READ = 1,	    /* opened for reading, or mapped as a program or its loader */
	SEEN_WRITTEN = 2,   /* opened for writing, or changed by name */
	SEEN_LISTED = 4,    /* a directory that was opened */
	SEEN_NAMES = 8,	    /* a directory in which names were made or removed, or files without */
	SEEN_MADE = 16,	    /* it was not there before */
	SEEN_EXECUTED = 32, /* it became a process, as a program or as its script */
	/* Of what was there before the workload came: */
	SEEN_REMOVED = 64,   /* its name was removed, or given to another file */
	SEEN_MOVED = 128,    /* it got another name */
	SEEN_DIRECTORY = 256 /* and was a directory */
};

/* A file, whatever its name. */
struct seen_file {
	uint64_t device, inode;
};

static inline struct seen_file seen_file(const struct stat *st)
{
	return (struct seen_file){ st->st_dev, st->st_ino };
}

struct seen {
	struct bag files;     /* flags: the above */
	struct bag linked;    /* struct seen_file: got another name, and nobody knows from which */
	struct bag endpoints; /* as in a profile: tcp://192.0.2.1:443 */
	struct bag binds;     /* ports, in decimal */
	struct bag calls;     /* as in a profile: read, ioctl:0x5401 */
	/* For people, who know places by name: no rules are made of them. */
	struct bag names;    /* of addresses: "192.0.2.1 example.org" */
	struct bag requests; /* of HTTP: "GET http://example.org/path" */
	uint64_t
		unproven; /* calls whose words others could have changed: nothing is taken from them */
	uint64_t unnamed;    /* addresses of protocols other than TCP and UDP */
	uint64_t foreign;    /* calls of another ABI, which were refused */
	uint64_t opaque;     /* calls that would do things unseen, which were refused */
	bool overflow;	     /* a bag was full */
	uint32_t processes;  /* most at once */
	uint32_t open_files; /* room of the largest table of descriptors */
	uint64_t memory_kib; /* most at once of the largest process: its address space */
	uint64_t disk_bytes; /* that were written and kept */
	bool ran;	     /* the command's first exec came about */
};

#endif
