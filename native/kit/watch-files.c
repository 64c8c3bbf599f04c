// SPDX-License-Identifier: Apache-2.0
#include "watch-files.h"
#include "broken.h"
#include "race.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct stat files[2];

static int name_of(int i, char name[64])
{
	return snprintf(name, 64, RACE_ROOM "/%s", watch_words[i]);
}

void watch_files_make(void)
{
	race_make_files(NULL);
	for (int i = 0; i < 2; i++) {
		char name[64];

		name_of(i, name);
		if (stat(name, &files[i]))
			kit_broken(name);
	}
}

const char *watch_files_open(const char *path)
{
	long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat((int)fd, &st) || close((int)fd))
		kit_broken("openat");
	for (int i = 0; i < 2; i++)
		if (st.st_ino == files[i].st_ino && st.st_dev == files[i].st_dev)
			return watch_words[i];
	kit_broken("another file");
}

const char *watch_files_told(const struct pf_record *record)
{
	const struct pf_path_event *e = (const void *)record;
	const __u64 *args = e->event.view.args;

	for (int i = 0; i < 2; i++) {
		char name[64];
		int n = name_of(i, name);

		if (e->path_bytes == n && !memcmp(e->data, name, (size_t)n) &&
		    args[2] == files[i].st_dev && args[3] == files[i].st_ino)
			return watch_words[i];
	}
	return NULL;
}
