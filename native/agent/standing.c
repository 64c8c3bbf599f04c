// SPDX-License-Identifier: Apache-2.0
#include "standing.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct named {
	const char *name;
	int number;
};

static const struct named capabilities[] = { { "sys_ptrace", CAP_SYS_PTRACE }, { NULL, 0 } };
static const struct named calls[] = { { "ptrace", SYS_ptrace },
				      { "process_vm_readv", SYS_process_vm_readv },
				      { NULL, 0 } };

static int number_of(const struct named *table, const char *name)
{
	for (; table->name; table++)
		if (!strcmp(table->name, name))
			return table->number;
	return -EINVAL;
}

int standing_add_capability(struct standing *s, const char *name)
{
	int number = number_of(capabilities, name);

	if (number < 0)
		return number;
	s->capabilities |= 1u << number;
	return 0;
}

int standing_add_blocked(struct standing *s, const char *name)
{
	int number = number_of(calls, name);

	if (number < 0)
		return number;
	if (s->blocked_count == STANDING_BLOCKED_MAX)
		return -E2BIG;
	s->blocked[s->blocked_count++] = number;
	return 0;
}

/* By the ambient set, which an ordinary program's exec keeps (kernels from 4.3). */
static int keep_capabilities(uint32_t set)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { { set, set, set } };

	if (syscall(SYS_capset, &header, data) < 0)
		return -errno;
	for (unsigned i = 0; i < 32; i++)
		if (set >> i & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) < 0)
			return -errno;
	return 0;
}

static int block(const int *numbers, size_t count)
{
	struct sock_filter code[STANDING_BLOCKED_MAX + 3];
	struct sock_fprog program = { .filter = code };
	unsigned short n = 0;

	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						 offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < count; i++) /* past those that are left, and the ALLOW */
		code[n++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)numbers[i], (uint8_t)(count - i), 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	program.len = n;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		return -errno;
	return 0;
}

static int become(const struct standing *s, unsigned uid)
{
	if (setgroups(0, NULL) || setresgid(uid, uid, uid))
		return -errno;
	if (s->capabilities && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return -errno;
	if (setresuid(uid, uid, uid))
		return -errno;
	return s->capabilities ? keep_capabilities(s->capabilities) : 0;
}

int standing_take(const struct standing *s, unsigned uid)
{
	int err = s->root ? 0 : become(s, uid);

	if (!err && s->blocked_count)
		err = block(s->blocked, s->blocked_count);
	return err;
}
