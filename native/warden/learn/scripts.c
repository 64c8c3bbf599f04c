// SPDX-License-Identifier: Apache-2.0
#include "scripts.h"

#include "../image.h"
#include "../remote.h"
#include "names.h"
#include "small-file.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SCRIPTS_MOST 5u /* the kernel follows no more: exec_binprm() in fs/exec.c */

/* No times of files are coarser: fs/fat/misc.c. */
#define COARSEST_S 2

/* As the kernel names a descriptor to a script's interpreter (do_execveat_common() in fs/exec.c). */
#define BY_DESCRIPTOR "/dev/fd/"

void scripts_begin(const struct watched_tasks *tasks, struct watched *t)
{
	const uint32_t *threads = pidmap_find(&tasks->threads, t->tgid);

	names_begin(tasks, t);
	t->single = threads && *threads == 1;
	t->began = time(NULL);
}

/* What the kernel says it was told to run. */
static bool told(pid_t tid, char name[PATH_MAX])
{
	char path[32];
	struct {
		unsigned long type, value;
	} entry;
	bool found = false;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/auxv", (int)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	while (!found && read(fd, &entry, sizeof(entry)) == (ssize_t)sizeof(entry) &&
	       entry.type != AT_NULL)
		found = entry.type == AT_EXECFN;
	close(fd);
	return found && !remote_string(tid, entry.value, name, PATH_MAX);
}

static int open_script(pid_t tid, const char *name)
{
	char own[PATH_MAX + 16];

	if (strncmp(name, BY_DESCRIPTOR, strlen(BY_DESCRIPTOR)))
		return names_walk(tid, name);
	snprintf(own, sizeof(own), "/proc/self/fd/%s", name + strlen(BY_DESCRIPTOR));
	return names_walk(tid, own);
}

/*
 * The interpreter that a script names. Others may have written it since the kernel read it, if it was
 * changed no longer ago than times can tell.
 */
static bool interpreter_of(const char *link, time_t began, char out[PATH_MAX])
{
	char head[IMAGE_HEAD], argument[IMAGE_HEAD];
	int fd = open(link, O_RDONLY | O_CLOEXEC);
	struct stat st;
	bool settled;
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, head, sizeof(head));
	settled = fstat(fd, &st) == 0 && st.st_ctim.tv_sec < began - COARSEST_S;
	close(fd);
	return settled && n > 0 &&
	       image_parse_script(head, (size_t)n, out, argument, IMAGE_HEAD) == 1;
}

/* One step on the way, `fd` being what `name` leads to. Whether there is another, and its name. */
static bool take(struct observer *o, const struct watched *t, bool sure, int fd,
		 const struct stat *runs, char name[PATH_MAX])
{
	char link[32], path[PATH_MAX];
	struct stat st;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (!small_link(link, path, &st) || !S_ISREG(st.st_mode) ||
	    (st.st_dev == runs->st_dev && st.st_ino == runs->st_ino))
		return false;
	if (!sure) {
		o->seen->unproven++;
		return false;
	}
	/* It is not what runs, so it was read for what is. */
	observer_put_file(o, t, path, SEEN_READ | SEEN_EXECUTED);
	return interpreter_of(link, t->began, name);
}

void scripts_seen(struct observer *o, const struct watched *t, bool alone)
{
	bool stood = names_stood(&o->tasks, t) && !o->tasks.meddled, more;
	char name[PATH_MAX], link[32];
	struct stat runs;

	snprintf(link, sizeof(link), "/proc/%d/exe", (int)t->tid);
	more = stat(link, &runs) == 0 && told(t->tid, name);
	for (unsigned nth = 0; more && nth < SCRIPTS_MOST; nth++) {
		bool own = names_begin_with_it(name) ||
			   !strncmp(name, BY_DESCRIPTOR, strlen(BY_DESCRIPTOR));
		int fd = open_script(t->tid, name);

		if (fd < 0)
			return;
		more = take(o, t, stood && (alone || !own), fd, &runs, name);
		close(fd);
	}
}
