// SPDX-License-Identifier: Apache-2.0
/* In warden-flawed only. */
#include "flaws.h"

#include <string.h>

static const char *const names[] = {
	[FLAW_EARLY_DETACH] = "early-detach",
	[FLAW_UNTRACED] = "untraced",
	[FLAW_SINGLE_PASS] = "single-pass",
};

static enum flaw chosen;

bool flaw_is(enum flaw flaw)
{
	return flaw == chosen;
}

int flaw_choose(const char *name)
{
	for (size_t i = FLAW_NONE + 1; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name))
			continue;
		chosen = (enum flaw)i;
		return 0;
	}
	return -EINVAL;
}

const char *flaw_name(void)
{
	return names[chosen];
}
