// SPDX-License-Identifier: Apache-2.0
#include "kit.h"
#include "broken.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRIALS_MAX 100000

static _Noreturn void wrong(const char *what, const char *got)
{
	dprintf(STDERR_FILENO, "kit: %s: %s\n", what, got ? got : "missing");
	_exit(2);
}

static uint64_t decimal_env(const char *name, uint64_t max)
{
	const char *text = getenv(name);
	unsigned long long value;
	char *end;

	if (!text || *text < '0' || *text > '9')
		wrong(name, text);
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end || value > max)
		wrong(name, text);
	return value;
}

static const char *known_shape(const char *name, const char *const shapes[])
{
	for (size_t i = 0; name && shapes[i]; i++) {
		if (!strcmp(name, shapes[i]))
			return shapes[i];
	}
	wrong("--shape", name);
}

void kit_begin(struct kit *kit, int argc, char **argv, const char *const shapes[])
{
	memset(kit, 0, sizeof(*kit));
	kit->shape = shapes[0];
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--shape"))
			kit->shape = known_shape(argv[++i], shapes);
		else if (!strcmp(argv[i], "--honest"))
			kit->honest = true;
		else if (!strcmp(argv[i], "--hooks") && argv[i + 1])
			kit->hooks = argv[++i];
		else
			wrong("unknown word", argv[i]);
	}
	kit->seed = decimal_env("PF_SEED", UINT64_MAX);
	kit->trials = (unsigned)decimal_env("PF_TRIALS", TRIALS_MAX);
	kit->state = kit->seed;
	kit->exec_errno = kit_shared(sizeof(*kit->exec_errno));
}

bool kit_shape_is(const struct kit *kit, const char *shape)
{
	return !strcmp(kit->shape, shape);
}

/* splitmix64 */
uint64_t kit_random(struct kit *kit)
{
	uint64_t z = kit->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

uint64_t kit_below(struct kit *kit, uint64_t limit)
{
	return kit_random(kit) % limit;
}

bool kit_one_in(struct kit *kit, unsigned n)
{
	return kit_below(kit, n) == 0;
}

void kit_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd))
		kit_broken(path);
}
