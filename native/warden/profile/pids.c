// SPDX-License-Identifier: Apache-2.0
#include "pids.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PROC "/proc/"
#define TASK "/task/"

/* Digits at the beginning that are a whole name, or 0. */
static size_t number_at(const char *at)
{
	size_t n = strspn(at, "0123456789");

	return at[n] == '/' || !at[n] ? n : 0;
}

static const char *name_of(const char *at, size_t i, pid_t own)
{
	return i == strlen(PROC) && own > 0 && strtol(at, NULL, 10) == own ? "self" : "*";
}

size_t path_without_pids(const char *path, pid_t own, char out[PATH_MAX])
{
	size_t n = 0, i = 0;
	bool of_proc = !strncmp(path, PROC, strlen(PROC));

	while (path[i] && n < PATH_MAX - strlen("self") - 1) {
		bool process = of_proc && i == strlen(PROC);
		bool task = of_proc && n >= strlen(TASK) &&
			    !strncmp(out + n - strlen(TASK), TASK, strlen(TASK));
		size_t digits = process || task ? number_at(path + i) : 0;
		const char *name = name_of(path + i, i, own);

		if (!digits) {
			out[n++] = path[i++];
			continue;
		}
		memcpy(out + n, name, strlen(name));
		n += strlen(name);
		i += digits;
	}
	out[n] = '\0';
	return n;
}

size_t path_of_any_pid(const char *path, char out[PATH_MAX])
{
	return path_without_pids(path, 0, out);
}
