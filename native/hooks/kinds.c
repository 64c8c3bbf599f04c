// SPDX-License-Identifier: GPL-2.0
/* What each kind of hook needs of the kernel, and what is missing where it has not got it. */
#include <linux/bitops.h>
#include <linux/kernel.h>

#include "hooks.h"

#define CALLS (BIT(PF_PROBE_CALL) | BIT(PF_PROBE_RETURN) | BIT(PF_PROBE_EXIT))

struct kind {
	u32 needs; /* by bits of enum pf_probe */
	u32 takes; /* those too, where the kernel has them */
	const char *flaw;
};

static const struct kind kinds[PF_KINDS] = {
	[PF_CALL] = { BIT(PF_PROBE_CALL) },
	[PF_RETURN] = { CALLS },
	[PF_EXEC] = { BIT(PF_PROBE_EXEC) },
	[PF_FORK] = { BIT(PF_PROBE_FORK) },
	[PF_EXIT] = { BIT(PF_PROBE_EXIT) },
	[PF_SIGNAL] = { BIT(PF_PROBE_SIGNAL) },
	[PF_OPEN] = { BIT(PF_PROBE_OPEN), 0,
		      "kind: no kprobe on security_file_open: CONFIG_KPROBES and CONFIG_SECURITY "
		      "are needed" },
	[PF_BIND] = { BIT(PF_PROBE_BIND), 0,
		      "kind: no kprobe on security_socket_bind: CONFIG_KPROBES and "
		      "CONFIG_SECURITY_NETWORK are needed" },
	[PF_CONNECT] = { BIT(PF_PROBE_CONNECT), 0,
			 "kind: no kprobe on security_socket_connect: CONFIG_KPROBES and "
			 "CONFIG_SECURITY_NETWORK are needed" },
	[PF_RELEASE] = { BIT(PF_PROBE_RELEASE), 0,
			 "kind: no kprobe on sock_close: CONFIG_KPROBES and CONFIG_NET are "
			 "needed" },
	[PF_UNANSWERED] = { CALLS | BIT(PF_PROBE_IOCTL), BIT(PF_PROBE_IOCTL_COMPAT),
			    "kind: no kprobe on security_file_ioctl: CONFIG_KPROBES and "
			    "CONFIG_SECURITY are needed" },
};

static u32 that_exist(u32 probes)
{
	u32 exist = 0;
	int i;

	for (i = 0; i < PF_PROBES; i++)
		if (probes & BIT(i) && pf_probe_exists(i))
			exist |= BIT(i);
	return exist;
}

u32 pf_kind_probes(u32 kind)
{
	return kinds[kind].needs | that_exist(kinds[kind].takes);
}

const char *pf_kind_flaw(u32 kind)
{
	u32 needs = kinds[kind].needs;

	return that_exist(needs) == needs ? NULL : kinds[kind].flaw;
}

u64 pf_kinds(void)
{
	u64 known = 0;
	u32 kind;

	for (kind = PF_CALL; kind < PF_KINDS; kind++)
		if (!pf_kind_flaw(kind))
			known |= BIT_ULL(kind);
	return known;
}
