// SPDX-License-Identifier: Apache-2.0
#include "watch-files.h"
#include "broken.h"
#include "race.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FAR	     RACE_ROOM "/far"
#define LONGEST_NAME 255

static struct stat files[2];
static bool far;

void watch_files_lengthen(void)
{
	far = true;
}

static int name_of(int i, char name[WATCH_FILES_MOST])
{
	int n = snprintf(name, WATCH_FILES_MOST, "%s/%s", far ? FAR : RACE_ROOM, watch_words[i]);

	if (!far)
		return n;
	return n + snprintf(name + n, WATCH_FILES_MOST - (size_t)n, "/%0*d/file", LONGEST_NAME, 0);
}

size_t watch_files_path(char path[WATCH_FILES_MOST])
{
	name_of(0, path);
	return far ? sizeof(FAR) : sizeof(RACE_ROOM);
}

static void make_directory(const char *path)
{
	if (mkdir(path, 0700) && errno != EEXIST)
		kit_broken(path);
}

/* With the directories that lead to it. */
static void make_far(char name[WATCH_FILES_MOST])
{
	int fd;

	make_directory(FAR);
	for (char *at = name + sizeof(FAR); (at = strchr(at, '/')); at++) {
		*at = '\0';
		make_directory(name);
		*at = '/';
	}
	fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || close(fd))
		kit_broken(name);
}

void watch_files_make(void)
{
	race_make_files(NULL);
	for (int i = 0; i < 2; i++) {
		char name[WATCH_FILES_MOST];

		name_of(i, name);
		if (far)
			make_far(name);
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
		char name[WATCH_FILES_MOST];
		int whole = name_of(i, name), n = whole < PF_PATH_MOST ? whole : PF_PATH_MOST;

		if (e->path_bytes == n && !memcmp(e->data, name, (size_t)n) &&
		    record->flags == (n < whole ? PF_TRUNCATED : 0) && args[2] == files[i].st_dev &&
		    args[3] == files[i].st_ino)
			return watch_words[i];
	}
	return NULL;
}
