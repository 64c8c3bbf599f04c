// SPDX-License-Identifier: Apache-2.0
#include "remote.h"

#include "jsonl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <unistd.h>

/*
 * Pages of every kernel are multiples of the most, and the sizes are powers of two, so that a piece
 * is there as a whole or not at all. Most of what is read is short: each further piece is twice as
 * long as the one before.
 */
#define PIECE_FIRST 256u
#define PIECE_MOST  4096u

struct piece {
	uint64_t base;
	unsigned size; /* 0: nothing is in it yet */
	unsigned char bytes[PIECE_MOST];
};

/* Where the kernel is built without process_vm_readv. */
static int read_mem_file(pid_t tid, uint64_t address, void *out, size_t n)
{
	char path[32];
	ssize_t got;
	int fd, err;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == EACCES ? -EPERM : -errno;
	got = pread(fd, out, n, (off_t)address);
	err = got < 0 ? (errno == EIO ? -EFAULT : -errno) : 0;
	close(fd);
	if (err)
		return err;
	return (size_t)got == n ? 0 : -EFAULT;
}

/*
 * A stopped tracee's memory, word by word. Yama asks at every other read whether we might attach;
 * here we did. Addresses and sizes that are no whole words are widened.
 */
static int read_words(pid_t tid, uint64_t address, void *out, size_t n)
{
	size_t skip = (size_t)(address % sizeof(long));
	unsigned char *to = out;

	address -= skip;
	while (n > 0) {
		size_t part = sizeof(long) - skip < n ? sizeof(long) - skip : n;
		long word;

		errno = 0;
		word = ptrace(PTRACE_PEEKDATA, tid, (void *)(uintptr_t)address, NULL);
		if (errno)
			return errno == EIO || errno == EFAULT ? -EFAULT : -EPERM;
		memcpy(to, (const unsigned char *)&word + skip, part);
		address += sizeof(long);
		to += part;
		n -= part;
		skip = 0;
	}
	return 0;
}

int remote_read(pid_t tid, uint64_t address, void *out, size_t n)
{
	struct iovec here = { out, n }, there = { (void *)(uintptr_t)address, n };
	ssize_t got;

	if (address != (uintptr_t)address)
		return -EFAULT;
	got = process_vm_readv(tid, &here, 1, &there, 1, 0);
	if (got < 0 && errno == ENOSYS) {
		int err = read_mem_file(tid, address, out, n);

		return err == -EPERM ? read_words(tid, address, out, n) : err;
	}
	if (got < 0 && errno == EPERM)
		return read_words(tid, address, out, n);
	if (got < 0)
		return -errno;
	return (size_t)got == n ? 0 : -EFAULT;
}

static int load_piece(pid_t tid, struct piece *p, uint64_t address)
{
	unsigned size = !p->size ? PIECE_FIRST : p->size < PIECE_MOST ? p->size * 2 : PIECE_MOST;
	int err;

	if (p->size && address - p->base < p->size)
		return 0;
	p->size = size;
	p->base = address & ~(uint64_t)(size - 1);
	err = remote_read(tid, p->base, p->bytes, size);
	if (err)
		p->size = 0;
	return err;
}

/* The bytes from address to the end of its piece. */
static int window(pid_t tid, struct piece *p, uint64_t address, const void **at, size_t *n)
{
	int err = load_piece(tid, p, address);

	if (err)
		return err;
	*at = p->bytes + (address - p->base);
	*n = p->size - (size_t)(address - p->base);
	return 0;
}

static int append_string(pid_t tid, struct piece *p, uint64_t address, struct args *out)
{
	for (;;) {
		const void *at, *nul;
		size_t n;
		int err = window(tid, p, address, &at, &n);

		if (err)
			return err;
		nul = memchr(at, '\0', n);
		err = args_append(out, at,
				  nul ? (size_t)((const char *)nul - (const char *)at) : n);
		if (err)
			return err;
		if (nul)
			return args_close(out);
		address += n;
	}
}

static int load_pointer(pid_t tid, struct piece *p, uint64_t address, uintptr_t *out)
{
	unsigned char bytes[sizeof(*out)];

	/* Byte by byte: an unaligned array may have a pointer across two pieces. */
	for (size_t i = 0; i < sizeof(bytes); i++) {
		int err = load_piece(tid, p, address + i);

		if (err)
			return err;
		bytes[i] = p->bytes[address + i - p->base];
	}
	memcpy(out, bytes, sizeof(bytes));
	return 0;
}

int remote_string(pid_t tid, uint64_t address, char *out, size_t size)
{
	static struct piece piece;
	size_t used = 0;

	piece.size = 0;
	while (used < size) {
		const void *at, *nul;
		size_t n;
		int err = window(tid, &piece, address, &at, &n);

		if (err)
			return err;
		if (n > size - used)
			n = size - used;
		nul = memchr(at, '\0', n);
		if (nul)
			n = (size_t)((const char *)nul - (const char *)at) + 1;
		memcpy(out + used, at, n);
		if (nul)
			return 0;
		used += n;
		address += n;
	}
	return -ENAMETOOLONG;
}

int remote_argv(pid_t tid, uint64_t address, uint64_t deadline_ns, struct args *out)
{
	static struct piece pointers, strings;

	pointers.size = strings.size = 0;
	args_clear(out);
	if (!address) /* the kernel takes it for an empty one */
		return 0;
	for (;; address += sizeof(uintptr_t)) {
		uintptr_t pointer;
		int err = load_pointer(tid, &pointers, address, &pointer);

		if (err)
			return err;
		if (!pointer)
			return 0;
		if (jsonl_now() > deadline_ns)
			return -ETIMEDOUT;
		err = append_string(tid, &strings, pointer, out);
		if (err)
			return err;
	}
}
