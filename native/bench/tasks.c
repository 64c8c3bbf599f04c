// SPDX-License-Identifier: Apache-2.0
/*
 * tasks N: makes processes until N live, itself among them, and reports what the warden, its parent,
 * has in memory then, its keeper included. Pages that the two share are counted twice.
 */
#include "broken.h"
#include "kit.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT_MAX 65536u
#define USAGE	  2

static const char keeper_name[] = "warden-keeper";

/* A number of /proc/<pid>/status, or -1; names are escaped there, so a line's start tells. */
static long status_number(const char *pid, const char *name)
{
	char path[32], line[256];
	long value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%.10s/status", pid);
	file = fopen(path, "re");
	if (!file)
		return -1;
	while (value < 0 && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)))
			value = strtol(line + strlen(name), NULL, 10);
	fclose(file);
	return value;
}

static bool is_keeper(const char *pid, long warden)
{
	char path[32], name[32];
	size_t n;
	FILE *file;

	if (status_number(pid, "PPid:") != warden)
		return false;
	snprintf(path, sizeof(path), "/proc/%.10s/comm", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	n = fread(name, 1, sizeof(name) - 1, file);
	fclose(file);
	return n == sizeof(keeper_name) && !memcmp(name, keeper_name, n - 1);
}

/* KiB; 0 where there is none, as under backend trace. */
static long keepers_memory(long warden)
{
	struct dirent *entry;
	long kib = 0;
	DIR *dir = opendir("/proc");

	if (!dir)
		kit_broken("/proc");
	while ((entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]) && is_keeper(entry->d_name, warden))
			kib += status_number(entry->d_name, "VmRSS:");
	closedir(dir);
	return kib;
}

static void report(unsigned tasks)
{
	long warden = getppid(), kib;
	char number[16];
	struct jsonl j;

	snprintf(number, sizeof(number), "%ld", warden);
	kib = status_number(number, "VmRSS:");
	if (kib < 0)
		kit_broken("VmRSS");
	kit_event(&j, tasks, "memory");
	jsonl_int(&j, "warden", kib);
	jsonl_int(&j, "keeper", keepers_memory(warden));
	kit_send(&j);
}

/* Waits for a byte that never comes, and ends with the last of those who could write it. */
static _Noreturn void be_task(const int gate[2], int ready)
{
	char byte;

	close(gate[1]);
	if (write(ready, "", 1) != 1)
		_exit(KIT_BROKEN);
	_exit(read(gate[0], &byte, 1) == 0 ? 0 : KIT_BROKEN);
}

int main(int argc, char **argv)
{
	unsigned n = argc < 2 ? 0 : (unsigned)strtoul(argv[1], NULL, 10);
	int gate[2], ready[2];
	char byte;

	if (!n || n > COUNT_MAX)
		return USAGE;
	if (pipe(gate) || pipe(ready))
		kit_broken("pipe");
	for (unsigned made = 1; made < n; made++) {
		pid_t child = fork();

		if (child < 0)
			kit_broken("fork");
		if (child == 0)
			be_task(gate, ready[1]);
	}
	for (unsigned made = 1; made < n; made++)
		if (read(ready[0], &byte, 1) != 1)
			kit_broken("a task");
	report(n);
	close(gate[1]);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	return 0;
}
