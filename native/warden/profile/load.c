// SPDX-License-Identifier: Apache-2.0
#include "profile.h"

#include "../exits.h"

#include "whole-file.h"

#include <stdio.h>
#include <string.h>

#define PROFILE_MOST (16u << 20)

int profile_load(const char *path, struct profile *out)
{
	static char text[PROFILE_MOST];
	struct profile_error error;
	ssize_t n = whole_file(path, text, sizeof(text));

	*out = (struct profile){ 0 };
	if (n < 0) {
		fprintf(stderr, "warden: %s: %s\n", path, strerror((int)-n));
		return EXIT_WORDS;
	}
	if (profile_read(text, (size_t)n, out, &error)) {
		fprintf(stderr, "warden: %s:%u:%u: %s\n", path, error.line, error.column,
			error.text);
		return EXIT_WORDS;
	}
	return 0;
}
