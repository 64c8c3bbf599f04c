// SPDX-License-Identifier: Apache-2.0
#include "copy.h"

#include "../remote.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* In the kernel's values, where the C library has others for 64-bit arches. */
#if defined(__x86_64__)
#define KERNEL_LARGEFILE 0100000
#elif defined(__aarch64__)
#define KERNEL_LARGEFILE 0400000
#else
#define KERNEL_LARGEFILE O_LARGEFILE
#endif

#define KNOWN_FLAGS                                                                                \
	((uint64_t)(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK |    \
		    O_SYNC | O_DSYNC | FASYNC | O_DIRECT | KERNEL_LARGEFILE | O_DIRECTORY |        \
		    O_NOFOLLOW | O_NOATIME | O_CLOEXEC | O_PATH | O_TMPFILE))
#define PATH_FLAGS ((uint64_t)(O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC))
#define TMPFILE	   ((uint64_t)(O_TMPFILE & ~O_DIRECTORY))
#define MODE_MOST  07777u

/* How many combinations of flags are remembered, each with a bit that no flag is. */
#define FLAGS_KEPT  8
#define FLAGS_TAKEN (1ull << 63)

static int copy_how(struct deep_call *c)
{
	uint64_t size = c->held.args[c->shape->how + 1];
	int err;

	if (size > HOW_MOST)
		return -E2BIG;
	if (size < HOW_BYTES)
		return -EINVAL;
	c->size = (size_t)size;
	err = remote_read(c->held.tid, c->held.args[c->shape->how], c->bytes, c->size);
	if (!err)
		err = decode_how(&layout_own, c->bytes, c->size, &c->how);
	if (err)
		return err;
	/* Judged is what may be there, no more. */
	if (c->how.flags & ~KNOWN_FLAGS || c->how.mode & ~(uint64_t)MODE_MOST)
		return -EINVAL;
	if (c->how.mode && !(c->how.flags & (O_CREAT | TMPFILE)))
		return -EINVAL;
	return c->how.flags & O_PATH && c->how.flags & ~PATH_FLAGS ? -EINVAL : 0;
}

/* What open, openat and creat say, as the kernel puts it for openat2 (build_open_how). */
static void how_of_older(struct deep_call *c)
{
	const struct deep_shape *s = c->shape;
	uint64_t flags = s->flags == NO_ARG ? O_CREAT | O_WRONLY | O_TRUNC
					    : (uint32_t)c->held.args[(int)s->flags];

	flags &= KNOWN_FLAGS;
	if (flags & O_PATH)
		flags &= PATH_FLAGS;
	c->how = (struct how){ .flags = flags };
	if (flags & (O_CREAT | TMPFILE))
		c->how.mode = c->held.args[(int)s->mode] & MODE_MOST;
}

/*
 * Which flags go together is the kernel's to say, and other kernels say otherwise. It says so before
 * it looks at the path, and an empty one is never opened.
 */
static bool kernel_knows(const struct deep_call *c)
{
	struct open_how how = { c->how.flags, c->how.mode, c->how.resolve };
	long fd;

	if (c->shape->how == NO_ARG)
		fd = syscall(SYS_openat, AT_FDCWD, "", (int)(uint32_t)how.flags, (int)how.mode);
	else
		fd = syscall(SYS_openat2, AT_FDCWD, "", &how, sizeof(how));
	if (fd >= 0)
		close((int)fd);
	return fd >= 0 || errno != EINVAL;
}

/* What it once took from an older call it always takes: there the mode cannot be a wrong one. */
static int check_flags(const struct deep_call *c)
{
	static uint64_t taken[FLAGS_KEPT];
	static unsigned next;

	if (c->shape->how != NO_ARG)
		return kernel_knows(c) ? 0 : -EINVAL;
	for (unsigned i = 0; i < FLAGS_KEPT; i++)
		if (taken[i] == (c->how.flags | FLAGS_TAKEN))
			return 0;
	if (!kernel_knows(c))
		return -EINVAL;
	taken[next++ % FLAGS_KEPT] = c->how.flags | FLAGS_TAKEN;
	return 0;
}

static int copy_open(struct deep_call *c)
{
	const struct deep_shape *s = c->shape;
	int err = 0;

	c->dirfd = s->dir == NO_ARG ? AT_FDCWD : (int)c->held.args[(int)s->dir];
	if (s->how == NO_ARG)
		how_of_older(c);
	else
		err = copy_how(c);
	if (!err)
		err = check_flags(c);
	return err ? err
		   : remote_string(c->held.tid, c->held.args[(int)s->path], c->path,
				   sizeof(c->path));
}

static int copy_address(struct deep_call *c, int arg, uint64_t pointer, uint64_t size)
{
	int err = decode_address_size(size, &c->address_size);

	c->address_arg = arg;
	if (err)
		return err;
	c->has_address = true;
	if (!c->address_size)
		return 0;
	return remote_read(c->held.tid, pointer, c->address, c->address_size);
}

static int copy_sendto(struct deep_call *c)
{
	const uint64_t *a = c->held.args;

	c->flags = (unsigned)a[3];
	c->address_arg = 4;
	c->piece_count = 1;
	c->base[0] = a[1];
	c->piece_size[0] = c->data_size = a[2] < INT32_MAX ? a[2] : INT32_MAX;
	return a[4] ? copy_address(c, 4, a[4], a[5]) : 0;
}

static int copy_pieces(struct deep_call *c, uint64_t at, uint64_t count)
{
	static uint8_t room[PIECES_MOST * PIECE_MOST];
	int err;

	c->piece_count = count;
	if (!count)
		return 0;
	err = remote_read(c->held.tid, at, room, (size_t)count * piece_bytes(&layout_own));
	if (err)
		return err;
	return decode_pieces(&layout_own, room, (size_t)count, c->base, c->piece_size,
			     &c->data_size);
}

static int copy_message(struct deep_call *c, unsigned flags)
{
	uint8_t bytes[MESSAGE_MOST];
	struct message m;
	int err = remote_read(c->held.tid, c->held.args[1], bytes, message_bytes(&layout_own));

	c->flags = flags;
	c->address_arg = 1;
	if (!err)
		err = decode_message(&layout_own, bytes, &m);
	if (!err && m.name)
		err = copy_address(c, 1, m.name, m.name_size);
	if (err)
		return err;
	c->has_control = m.control_size != 0;
	return copy_pieces(c, m.pieces, m.piece_count);
}

static int copy_struct(struct deep_call *c)
{
	if (c->held.args[1] > STRUCT_MOST)
		return -E2BIG;
	c->size = (size_t)c->held.args[1];
	return remote_read(c->held.tid, c->held.args[0], c->bytes, c->size);
}

int copy_call(struct deep_call *c)
{
	const uint64_t *a = c->held.args;

	c->fd = (int)a[0];
	c->has_address = c->has_control = false;
	c->size = c->address_size = 0;
	c->data_size = c->piece_count = 0;
	switch (c->shape->kind) {
	case KIND_OPEN:
		return copy_open(c);
	case KIND_CONNECT:
	case KIND_BIND:
		return copy_address(c, 1, a[1], a[2]);
	case KIND_SENDTO:
		return copy_sendto(c);
	case KIND_SENDMSG:
		return copy_message(c, (unsigned)a[2]);
	case KIND_SENDMMSG:
		c->flags = (unsigned)a[3];
		c->address_arg = 1;
		return sends_nothing(c) ? 0 : copy_message(c, (unsigned)a[3]);
	default:
		return copy_struct(c);
	}
}

static bool says_the_same(const struct deep_call *a, const struct deep_call *b)
{
	if (a->shape->kind == KIND_OPEN)
		return !strcmp(a->path, b->path) && !memcmp(&a->how, &b->how, sizeof(a->how));
	return a->has_address == b->has_address && a->address_size == b->address_size &&
	       !memcmp(a->address, b->address, a->address_size);
}

int copy_holds(const struct deep_call *c)
{
	static struct deep_call now; /* too large for the stack */
	int err;

	now.held = c->held;
	now.tgid = c->tgid;
	now.shape = c->shape;
	err = copy_call(&now);
	if (err == -ESRCH || err == -EPERM)
		return err;
	return !err && says_the_same(c, &now) ? 0 : -EAGAIN;
}

int copy_data(const struct deep_call *c, uint8_t *out, size_t *size)
{
	size_t used = 0;

	for (uint64_t i = 0; i < c->piece_count && used < DATA_MOST; i++) {
		size_t n = DATA_MOST - used;
		int err;

		if (c->piece_size[i] < n)
			n = (size_t)c->piece_size[i];
		err = n ? remote_read(c->held.tid, c->base[i], out + used, n) : 0;
		if (err)
			return err;
		used += n;
	}
	*size = used;
	return 0;
}
