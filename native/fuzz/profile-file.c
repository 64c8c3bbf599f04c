// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes as a profile: what can be read is written, and what was written reads as the same. For libFuzzer:
 * `npm run fuzz`. The ordinary tests run it over its corpus.
 */
#include "profile/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* The caller frees the text. */
static char *written(struct profile *p, size_t *size)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, size);

	if (!f)
		abort();
	profile_write(p, f);
	if (fclose(f))
		abort();
	return text;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct profile_error error;
	struct profile profile;
	size_t first_size, second_size;
	char *first, *second;

	if (profile_read((const char *)data, size, &profile, &error)) {
		if (!error.line || !error.column || !error.text[0])
			abort();
		return 0;
	}
	first = written(&profile, &first_size);
	profile_free(&profile);
	if (profile_read(first, first_size, &profile, &error))
		abort();
	second = written(&profile, &second_size);
	if (first_size != second_size || memcmp(first, second, first_size))
		abort();
	profile_free(&profile);
	free(first);
	free(second);
	return 0;
}
