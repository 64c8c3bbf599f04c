// SPDX-License-Identifier: Apache-2.0
/* What a procfs is to a caller, which is not what it is to us. */
#include "walker.h"

#include "../proc.h"

#include <ctype.h>
#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

bool proc_is_mounted_at(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

int proc_name_the_caller(const struct walker *w, const char *name, char *out, size_t size)
{
	bool self = !strcmp(name, "self"), thread = !strcmp(name, "thread-self");

	if (!self && !thread)
		return 0;
	if (!view_shares(w->view, VIEW_PID))
		return -EACCES; /* its numbers there are not the ones we know */
	if (self)
		snprintf(out, size, "%d", (int)w->view->tgid);
	else
		snprintf(out, size, "%d/task/%d", (int)w->view->tgid, (int)w->view->tid);
	return 1;
}

static bool is_number(const char *name)
{
	while (isdigit((unsigned char)*name))
		name++;
	return !*name;
}

static const char *const private_files[] = { "mem",	    "syscall", "stack",
					     "personality", "io",      "clear_refs" };

/*
 * We may look into processes that a caller may not: ourselves, and under Yama everybody below us.
 * Nothing is opened below /proc/<pid> that asks for that right.
 */
int proc_check(const struct walker *w, const char *name)
{
	pid_t pid, tgid;

	if (!w->in_proc)
		return 0;
	if (w->at_stat.st_ino != PROC_ROOT) {
		for (size_t i = 0; i < sizeof(private_files) / sizeof(*private_files); i++)
			if (!strcmp(name, private_files[i]))
				return -EACCES;
		return 0;
	}
	if (!is_number(name))
		return 0;
	pid = (pid_t)strtol(name, NULL, 10);
	tgid = proc_tgid(pid);
	return tgid == getpid() || pid == getpid() || (w->view->keeper && tgid == w->view->keeper)
		       ? -EACCES
		       : 0;
}
