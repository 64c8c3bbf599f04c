// SPDX-License-Identifier: GPL-2.0
/* Loading and unloading: one table of steps, done forwards, undone backwards. */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>

#include "hooks.h"

static char *fail_step;
module_param(fail_step, charp, 0400);
MODULE_PARM_DESC(fail_step, "for tests: name of the step of loading that is to fail");

struct pf_step {
	const char *name;
	int (*init)(void);
	void (*exit)(void);
};

static const struct pf_step steps[] = {
	{ "scope", pf_scope_init, pf_scope_exit },
	{ "flight", pf_flight_init, pf_flight_exit },
	{ "files", pf_files_init, pf_files_exit },
	{ "probes", pf_probes_init, pf_probes_exit },
	/* Last: whoever can open the device finds everything else working. */
	{ "device", pf_device_init, pf_device_exit },
};

static void undo(size_t done)
{
	while (done > 0)
		steps[--done].exit();
}

static int do_step(const struct pf_step *step)
{
	if (fail_step && !strcmp(fail_step, step->name))
		return -ECANCELED;
	return step->init();
}

static int __init pf_init(void)
{
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		err = do_step(&steps[i]);
		if (err) {
			pr_err("photofinish: step %s: error %d\n", steps[i].name, err);
			undo(i);
			return err;
		}
	}
	return 0;
}

static void __exit pf_exit(void)
{
	undo(ARRAY_SIZE(steps));
}

module_init(pf_init);
module_exit(pf_exit);

MODULE_DESCRIPTION("Photofinish: what the kernel really executed");
MODULE_LICENSE("GPL");
