// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes as a policy image: what loads is judged with facts at their edges. For libFuzzer: `npm run fuzz`.
 * The ordinary tests run it over golden.h and over damaged copies of it.
 */
#include "policy.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void judge_edges(const struct policy *p, int number)
{
	static const uint64_t edges[] = { 0, 1, 0x40, UINT32_MAX, UINT64_MAX };
	static char words[] = "a\0EVIL\0/etc/passwd";
	static struct args argv = { words, sizeof(words), sizeof(words), 3 };
	static unsigned char bytes[96] = { 2, 0, 0, 80, 10, 0, 0, 1 };

	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		struct facts facts = { .number = number, .path = i ? words : NULL };

		for (unsigned arg = 0; arg < POLICY_ARGS; arg++) {
			facts.args[arg] = edges[i];
			facts.deep[arg].bytes = bytes;
			facts.deep[arg].size = i * 24 < sizeof(bytes) ? i * 24 : sizeof(bytes);
			facts.deep[arg].present = i != 1;
		}
		facts.argv = facts.envp = i ? &argv : NULL;
		if (policy_judge(p, &facts).action > POLICY_KILL)
			abort();
	}
	(void)policy_needs(p, number);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static struct policy policy;
	struct policy_error error = { 0 };

	if (policy_load(data, size, &policy, &error)) {
		if (!error.what || error.offset > size)
			abort();
		return 0;
	}
	for (uint32_t i = 0; i < policy.calls; i++)
		judge_edges(&policy, policy.call[i].number);
	judge_edges(&policy, -1);
	return 0;
}
