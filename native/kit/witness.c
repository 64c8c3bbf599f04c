// SPDX-License-Identifier: Apache-2.0
/* witness ARGV1 N: says on the report's fd which argument it was really started with. */
#include "kit.h"

#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	struct jsonl j;

	if (argc != 3)
		return 2;
	kit_event(&j, (unsigned)strtoul(argv[2], NULL, 10), "ran");
	jsonl_str(&j, "argv1", argv[1], strlen(argv[1]));
	kit_send(&j);
	return 0;
}
