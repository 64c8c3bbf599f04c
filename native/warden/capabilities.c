// SPDX-License-Identifier: Apache-2.0
/* By the calls themselves: each is for the calling thread alone, which a library would hide. */
#include "capabilities.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WORDS _LINUX_CAPABILITY_U32S_3

static struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };

static int get(struct __user_cap_data_struct *sets)
{
	return syscall(SYS_capget, &header, sets) < 0 ? -errno : 0;
}

static int set(const struct __user_cap_data_struct *sets)
{
	return syscall(SYS_capset, &header, sets) < 0 ? -errno : 0;
}

/* What is permitted stays as it is: only a process about to exec drops any of it. */
static int use(uint64_t effective)
{
	static _Thread_local struct __user_cap_data_struct sets[WORDS];
	static _Thread_local bool known;
	int err = known ? 0 : get(sets);

	if (err)
		return err;
	known = true;
	for (unsigned i = 0; i < WORDS; i++)
		sets[i].effective = (uint32_t)(effective >> (32 * i));
	return set(sets);
}

int loan_begin(const struct loan *loan)
{
	return loan->own == loan->lent ? 0 : use(loan->lent);
}

void loan_end(const struct loan *loan)
{
	/* What is permitted may be used again, always. Else nobody could be held any more. */
	if (loan->own != loan->lent && use(loan->own))
		abort();
}

int capabilities_drop(unsigned capability)
{
	struct __user_cap_data_struct sets[WORDS];
	struct __user_cap_data_struct *at = &sets[capability / 32];
	uint32_t bit = 1u << (capability % 32);
	int err = get(sets);

	if (err)
		return err;
	/* Without CAP_SETPCAP the limit stays: no_new_privs keeps execs from reaching it. */
	if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0 && errno != EPERM)
		return -errno;
	if (!((at->effective | at->permitted | at->inheritable) & bit))
		return 0;
	/* The ambient set loses with these what it has. */
	at->effective &= ~bit;
	at->permitted &= ~bit;
	at->inheritable &= ~bit;
	return set(sets);
}
