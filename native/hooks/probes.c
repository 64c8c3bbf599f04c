// SPDX-License-Identifier: GPL-2.0
/*
 * Ties our functions to the kernel's tracepoints. They are found by name, because the symbols of
 * the tracepoints themselves are exported on some kernels only.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "hooks.h"

struct pf_probe {
	const char *name;
	void *function;
	struct tracepoint *tracepoint; /* set once found */
};

static struct pf_probe probes[] = {
	{ "sched_process_exec", pf_on_exec, NULL },
	{ "sched_process_fork", pf_on_fork, NULL },
};

static void look_at(struct tracepoint *tracepoint, void *unused)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		if (!strcmp(tracepoint->name, probes[i].name))
			probes[i].tracepoint = tracepoint;
	}
}

static void disarm_first(size_t n)
{
	while (n-- > 0)
		tracepoint_probe_unregister(probes[n].tracepoint, probes[n].function, NULL);
	/* A probe that still runs uses the ring and this module's text. */
	tracepoint_synchronize_unregister();
}

int pf_probes_arm(void)
{
	size_t i;
	int err;

	for_each_kernel_tracepoint(look_at, NULL);
	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		if (!probes[i].tracepoint) {
			pr_err("photofinish: this kernel has no tracepoint %s\n", probes[i].name);
			err = -ENOENT;
		} else {
			err = tracepoint_probe_register(probes[i].tracepoint, probes[i].function,
							NULL);
		}
		if (err) {
			disarm_first(i);
			return err;
		}
	}
	return 0;
}

void pf_probes_disarm(void)
{
	disarm_first(ARRAY_SIZE(probes));
}
