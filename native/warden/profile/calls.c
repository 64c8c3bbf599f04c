// SPDX-License-Identifier: Apache-2.0
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define AT(d, p)                                                                                   \
	{                                                                                          \
		(d), (p)                                                                           \
	}
#define NONE	  AT(NO_ARG, NO_ARG)
#define ONE(d, p) .paths = { AT(d, p), NONE }
#define NAME(n, ...)                                                                               \
	{                                                                                          \
		.number = (n), .kind = CALL_NAME, .fd = NO_ARG, .flags = NO_ARG, __VA_ARGS__       \
	}
#define FILE_(n, ...)                                                                              \
	{                                                                                          \
		.number = (n), .kind = CALL_FILE, .fd = NO_ARG, .flags = NO_ARG, __VA_ARGS__       \
	}
#define FD(n)                                                                                      \
	{                                                                                          \
		.number = (n), .kind = CALL_FD, .paths = { NONE, NONE }, .fd = 0, .flags = NO_ARG  \
	}
#define OPEN(n, ...)                                                                               \
	{                                                                                          \
		.number = (n), .kind = CALL_OPEN, .fd = NO_ARG, __VA_ARGS__                        \
	}
#define SOCKET(n, k, a)                                                                            \
	{                                                                                          \
		.number = (n), .kind = (k), .paths = { NONE, NONE }, .fd = NO_ARG,                 \
		.flags = NO_ARG, .address = (a)                                                    \
	}
#define MESSAGE(n, k)                                                                              \
	{                                                                                          \
		.number = (n), .kind = (k), .paths = { NONE, NONE }, .fd = NO_ARG,                 \
		.flags = NO_ARG, .address = 1, .in_header = true                                   \
	}
#define DECIDED(n, bits, ...)                                                                      \
	{                                                                                          \
		.number = (n), .kind = CALL_DECIDED, .paths = { NONE, NONE }, .fd = NO_ARG,        \
		.flags = NO_ARG, .deciding = (bits), __VA_ARGS__                                   \
	}
#define REFUSED(n, e)                                                                              \
	{                                                                                          \
		.number = (n), .kind = CALL_REFUSED, .paths = { NONE, NONE }, .fd = NO_ARG,        \
		.flags = NO_ARG, .refusal = (e)                                                    \
	}

/* Places of arguments are those of the man pages, section 2. */
static const struct call_form forms[] = {
#ifdef SYS_open
	OPEN(SYS_open, ONE(NO_ARG, 0), .flags = 1),
#endif
#ifdef SYS_creat
	OPEN(SYS_creat, ONE(NO_ARG, 0), .flags = NO_ARG, .creates = true),
#endif
	OPEN(SYS_openat, ONE(0, 1), .flags = 2),
#ifdef SYS_openat2
	OPEN(SYS_openat2, ONE(0, 1), .flags = NO_ARG, .creates = true),
#endif
#ifdef SYS_open_by_handle_at
	OPEN(SYS_open_by_handle_at, .paths = { NONE, NONE }, .flags = NO_ARG),
#endif
#ifdef SYS_mkdir
	NAME(SYS_mkdir, ONE(NO_ARG, 0)),
	NAME(SYS_rmdir, ONE(NO_ARG, 0), .removes = true),
	NAME(SYS_mknod, ONE(NO_ARG, 0), .mode = 1),
	NAME(SYS_unlink, ONE(NO_ARG, 0), .removes = true),
	NAME(SYS_symlink, ONE(NO_ARG, 1)),
	NAME(SYS_link, ONE(NO_ARG, 1), .links = true, .from = AT(NO_ARG, 0)),
	NAME(SYS_rename, .paths = { AT(NO_ARG, 0), AT(NO_ARG, 1) }),
	FILE_(SYS_chmod, ONE(NO_ARG, 0)),
	FILE_(SYS_chown, ONE(NO_ARG, 0)),
	FILE_(SYS_lchown, ONE(NO_ARG, 0), .stays = true),
	FILE_(SYS_utimes, ONE(NO_ARG, 0)),
	FILE_(SYS_futimesat, ONE(0, 1)),
#endif
#ifdef SYS_utime
	FILE_(SYS_utime, ONE(NO_ARG, 0)),
#endif
	NAME(SYS_mkdirat, ONE(0, 1)),
	NAME(SYS_mknodat, ONE(0, 1), .mode = 2),
	NAME(SYS_unlinkat, ONE(0, 1), .removes = true),
	NAME(SYS_symlinkat, ONE(1, 2)),
	NAME(SYS_linkat, ONE(2, 3), .links = true, .from = AT(0, 1), .at_flags = 4),
#ifdef SYS_renameat
	NAME(SYS_renameat, .paths = { AT(0, 1), AT(2, 3) }),
#endif
	NAME(SYS_renameat2, .paths = { AT(0, 1), AT(2, 3) }, .rename_flags = 4),
	FILE_(SYS_truncate, ONE(NO_ARG, 0)),
#ifdef SYS_truncate64
	FILE_(SYS_truncate64, ONE(NO_ARG, 0)),
	FD(SYS_ftruncate64),
#endif
	FILE_(SYS_fchmodat, ONE(0, 1)),
#ifdef SYS_fchmodat2
	FILE_(SYS_fchmodat2, ONE(0, 1), .at_flags = 3),
#endif
	FILE_(SYS_fchownat, ONE(0, 1), .at_flags = 4),
#ifdef SYS_chown32
	FILE_(SYS_chown32, ONE(NO_ARG, 0)),
	FILE_(SYS_lchown32, ONE(NO_ARG, 0), .stays = true),
	FD(SYS_fchown32),
#endif
	FILE_(SYS_utimensat, ONE(0, 1), .at_flags = 3),
#ifdef SYS_utimensat_time64
	FILE_(SYS_utimensat_time64, ONE(0, 1), .at_flags = 3),
#endif
	FILE_(SYS_setxattr, ONE(NO_ARG, 0)),
	FILE_(SYS_lsetxattr, ONE(NO_ARG, 0), .stays = true),
	FILE_(SYS_removexattr, ONE(NO_ARG, 0)),
	FILE_(SYS_lremovexattr, ONE(NO_ARG, 0), .stays = true),
	FD(SYS_ftruncate),
	FD(SYS_fchmod),
	FD(SYS_fchown),
	FD(SYS_fsetxattr),
	FD(SYS_fremovexattr),
	SOCKET(SYS_connect, CALL_CONNECT, 1),
	SOCKET(SYS_sendto, CALL_CONNECT, 4),
	MESSAGE(SYS_sendmsg, CALL_CONNECT),
#ifdef SYS_sendmmsg
	MESSAGE(SYS_sendmmsg, CALL_CONNECT),
#endif
	SOCKET(SYS_bind, CALL_BIND, 1),
	SOCKET(SYS_recvfrom, CALL_HEARS, 1),
	MESSAGE(SYS_recvmsg, CALL_HEARS),
	DECIDED(SYS_ioctl, 1u << 1, .masked = NO_ARG),
	DECIDED(SYS_prctl, 1u << 0, .masked = NO_ARG),
	/* A process, a thread, a namespace: what it makes is in its flags, the first on every arch here. */
	DECIDED(SYS_clone, 1u << 0, .masked = NO_ARG),
	/* SOCK_CLOEXEC and SOCK_NONBLOCK, O_CLOEXEC and O_NONBLOCK by value, decide nothing. */
	DECIDED(SYS_socket, 7u, .masked = 1, .mask = 0xf),
/* What is done through a ring passes by every filter. */
#ifdef SYS_io_uring_setup
	REFUSED(SYS_io_uring_setup, ENOSYS),
#endif
	/* Under other mounts a name is another file's. */
	REFUSED(SYS_mount, EPERM),
	REFUSED(SYS_umount2, EPERM),
	REFUSED(SYS_pivot_root, EPERM),
#ifdef SYS_umount
	REFUSED(SYS_umount, EPERM),
#endif
#ifdef SYS_move_mount
	REFUSED(SYS_move_mount, EPERM),
#endif
};

/* In the kernel's order: do_open and may_open in fs/namei.c. O_TMPFILE has the bit of O_DIRECTORY in it. */
int call_open_errno(uint64_t flags, mode_t mode)
{
	bool nameless = flags & (uint64_t)(O_TMPFILE & ~O_DIRECTORY);

	if (!mode)
		return flags & O_CREAT ? 0 : ENOENT;
	if (flags & O_CREAT && flags & O_EXCL)
		return EEXIST;
	if (S_ISDIR(mode) && flags & O_CREAT)
		return EISDIR;
	if (!S_ISDIR(mode) && flags & O_DIRECTORY)
		return ENOTDIR;
	if (S_ISLNK(mode))
		return ELOOP;
	return S_ISDIR(mode) && flags & (O_ACCMODE | O_TRUNC) && !nameless ? EISDIR : 0;
}

const struct call_form *call_form(int number)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (forms[i].number == number)
			return &forms[i];
	return NULL;
}

const struct call_form *call_form_at(unsigned nth)
{
	return nth < sizeof(forms) / sizeof(forms[0]) ? &forms[nth] : NULL;
}

static const struct {
	int number;
	const char *name;
} names[] = {
/* Made from the kernel's headers of this arch: native/Makefile. */
#include "syscall-names.inc"
};

static const char *search_name(int number)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].number == number)
			return names[i].name;
	return NULL;
}

/* A learner asks at each call: the low numbers, which is nearly all of them, are looked up once. */
const char *call_name(int number)
{
	static const char *low[CALLS_LOW];
	static bool filled;

	if (number < 0 || number >= CALLS_LOW)
		return search_name(number);
	for (size_t i = 0; !filled && i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].number < CALLS_LOW)
			low[names[i].number] = names[i].name;
	filled = true;
	return low[number];
}

int call_number(const char *name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i].name, name))
			return names[i].number;
	return -1;
}
