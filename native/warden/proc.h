/* SPDX-License-Identifier: Apache-2.0 */
/* What /proc says of a task. */
#ifndef PF_PROC_H
#define PF_PROC_H

#include "args.h"

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/wait.h>

struct proc_stat {
	pid_t pid, ppid;
	char state;
	bool ending; /* on its way out, or dumping its core: it runs no user code any more */
};

/* The text of a stat file; comm may hold anything, closing brackets and newlines too. */
int proc_parse_stat(const char *text, size_t n, struct proc_stat *out);
/* 0, or -errno: -ESRCH when the task is gone, -EACCES when it is hidden (hidepid). */
int proc_stat(pid_t pid, struct proc_stat *out);
/* How many threads a process has, or -errno: -ESRCH when it is gone, or hidden (hidepid). */
int proc_threads(pid_t tgid);
/* The thread group of a task, or -errno. */
pid_t proc_tgid(pid_t tid);
/* Whether it is there and a process of its own: the first thread of its group. */
bool proc_leads(pid_t tid);
/* Who traces the task, 0 for nobody, or -errno. */
pid_t proc_tracer(pid_t tid);
/*
 * Whether a status of wait(2) is a stop's. Where there are 127 signals and more (mips), death by the
 * 127th looks like a stop by none.
 */
static inline bool proc_stopped(int status)
{
	return WIFSTOPPED(status) && WSTOPSIG(status);
}
/* Whether a state is that of a task that will never run user code again. */
bool proc_is_end(char state);
/* Whether a task will never run user code again. */
bool proc_is_dead(pid_t tid);
/* /proc/<pid>/cmdline, whole: -E2BIG when it is longer than ARGS_MAX. */
int proc_cmdline(pid_t pid, struct args *out);
/* /proc/<pid>/environ likewise. */
int proc_environ(pid_t pid, struct args *out);
/* kernel.yama.ptrace_scope, -1 where Yama is not there. */
int proc_yama(void);

typedef int (*proc_visit)(void *context, pid_t id);
/* Visits each numbered entry of a directory until a visit returns non-zero, which is then returned.
 */
int proc_each(const char *directory, proc_visit visit, void *context);
/* The same of one that is open. */
int proc_each_in(DIR *directory, proc_visit visit, void *context);

#endif
