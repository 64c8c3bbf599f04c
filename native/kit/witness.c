// SPDX-License-Identifier: Apache-2.0
/*
 * witness ARGV1 … N: says on the report's fd which argument it was really started with. Under the
 * name of witness-last that is the last one before N, and only its last four bytes.
 */
#include "kit.h"

#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	const char *word;
	struct jsonl j;

	if (argc < 3)
		return 2;
	word = argv[1];
	if (!strcmp(argv[0], "witness-last")) {
		word = argv[argc - 2];
		if (strlen(word) > 4)
			word += strlen(word) - 4;
	}
	kit_event(&j, (unsigned)strtoul(argv[argc - 1], NULL, 10), "ran");
	jsonl_str(&j, "argv1", word, strlen(word));
	kit_send(&j);
	return 0;
}
