// SPDX-License-Identifier: Apache-2.0
#include "attacks.h"

#include <stdio.h>
#include <string.h>

#define USAGE 2

int main(int argc, char **argv)
{
	const struct attack_entry *entry = attack_entries;

	if (argc < 1)
		return USAGE;
	while (entry->path && strcmp(entry->path, argv[0]))
		entry++;
	if (entry->path)
		return entry->main(argc, argv);
	fprintf(stderr, "%s: no attack is started by this path\n", argv[0]);
	return USAGE;
}
