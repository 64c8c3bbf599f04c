// SPDX-License-Identifier: Apache-2.0
#include "proc.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LINKS_OF_A_DIRECTORY 2 /* its name and its "." */

/* A whole small file, NUL-terminated; the length or -errno. */
static ssize_t slurp(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	n = read(fd, out, size - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	if (n >= 0)
		out[n] = '\0';
	return n;
}

/* Digits up to a blank, a newline or the end. */
static int take_number(const char **at, const char *end, uint64_t max, uint64_t *out)
{
	const char *p = *at;
	uint64_t value = 0;

	for (; p < end && isdigit((unsigned char)*p); p++) {
		uint64_t digit = (uint64_t)(*p - '0');

		if (value > (max - digit) / 10)
			return -EINVAL;
		value = value * 10 + digit;
	}
	if (p == *at || (p < end && *p != ' ' && *p != '\n'))
		return -EINVAL;
	*at = p;
	*out = value;
	return 0;
}

static const char *last_bracket(const char *text, size_t n)
{
	while (n > 0)
		if (text[--n] == ')')
			return text + n;
	return NULL;
}

/*
 * linux/sched.h: PF_EXITING, PF_DUMPCORE, PF_SIGNALED, and between these two and the first what was
 * PF_EXITPIDONE up to 5.4 and is PF_POSTCOREDUMP from 5.16 on; in between it is nobody's.
 */
#define PF_ENDING (0x4u | 0x8u | 0x200u | 0x400u)

/* Behind the parent's number: group, session, terminal, its group (which may be -1), flags. */
static int take_flags(const char *at, const char *end, uint64_t *flags)
{
	for (int field = 0; field < 4; field++) {
		at = at < end ? memchr(at + 1, ' ', (size_t)(end - at - 1)) : NULL;
		if (!at)
			return -EINVAL;
	}
	at++;
	return take_number(&at, end, UINT32_MAX, flags);
}

int proc_parse_stat(const char *text, size_t n, struct proc_stat *out)
{
	const char *at = text, *end = text + n;
	uint64_t pid, ppid, flags;

	if (take_number(&at, end, INT_MAX, &pid))
		return -EINVAL;
	/* Only comm holds brackets, so the last one ends it. */
	at = last_bracket(text, n);
	if (!at || end - at < 4 || at[1] != ' ' || at[3] != ' ')
		return -EINVAL;
	out->pid = (pid_t)pid;
	out->state = at[2];
	at += 4;
	if (take_number(&at, end, INT_MAX, &ppid))
		return -EINVAL;
	out->ppid = (pid_t)ppid;
	out->ending = take_flags(at, end, &flags) == 0 && flags & PF_ENDING;
	return 0;
}

int proc_stat(pid_t pid, struct proc_stat *out)
{
	char path[32], text[1024];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	n = slurp(path, text, sizeof(text));
	/* A signal that is none finds also who is hidden. */
	if (n == -ESRCH && (kill(pid, 0) == 0 || errno != ESRCH))
		return -EACCES;
	return n < 0 ? (int)n : proc_parse_stat(text, (size_t)n, out);
}

/*
 * The kernel counts them for the links of their directory (proc_task_getattr), and to ask for that is
 * much cheaper than to have a line of stat written.
 */
int proc_threads(pid_t tgid)
{
	struct stat stat_of_tasks;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/task", (int)tgid);
	if (stat(path, &stat_of_tasks) < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	return (int)stat_of_tasks.st_nlink - LINKS_OF_A_DIRECTORY;
}

/* A line "<name>:\t<number>" of /proc/<tid>/status. */
static pid_t status_number(pid_t tid, const char *line)
{
	char path[32], text[2048];
	const char *found;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	n = slurp(path, text, sizeof(text));
	if (n < 0)
		return (pid_t)n;
	/* comm's newlines are escaped there, so a line's start cannot be forged. */
	found = strstr(text, line);
	return found ? (pid_t)strtol(found + strlen(line), NULL, 10) : -ENODATA;
}

pid_t proc_tgid(pid_t tid)
{
	pid_t tgid = status_number(tid, "\nTgid:\t");

	return tgid == 0 ? -ESRCH : tgid;
}

bool proc_leads(pid_t tid)
{
	/* A signal that is none, to a thread of the group of this number; EPERM: there is one. */
	return syscall(SYS_tgkill, tid, tid, 0) == 0 || errno != ESRCH;
}

pid_t proc_tracer(pid_t tid)
{
	return status_number(tid, "\nTracerPid:\t");
}

bool proc_is_end(char state)
{
	return strchr("ZXx", state);
}

bool proc_is_dead(pid_t tid)
{
	struct proc_stat stat;
	int err = proc_stat(tid, &stat);

	return err == -ESRCH || (!err && proc_is_end(stat.state));
}

static int read_strings(pid_t pid, const char *file, struct args *out)
{
	char path[40];
	ssize_t n;
	int fd, err;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	args_clear(out);
	do {
		err = args_reserve(out, 65536);
		n = err ? 0 : read(fd, out->bytes + out->used, 65536);
		if (n < 0)
			err = -errno;
		else
			out->used += (size_t)n;
	} while (!err && n > 0);
	close(fd);
	return err;
}

int proc_cmdline(pid_t pid, struct args *out)
{
	return read_strings(pid, "cmdline", out);
}

int proc_environ(pid_t pid, struct args *out)
{
	return read_strings(pid, "environ", out);
}

int proc_yama(void)
{
	char text[16];
	ssize_t n = slurp("/proc/sys/kernel/yama/ptrace_scope", text, sizeof(text));

	return n > 0 ? atoi(text) : -1;
}

int proc_each_in(DIR *dir, proc_visit visit, void *context)
{
	struct dirent *entry;
	int result = 0;

	rewinddir(dir);
	while (!result && (errno = 0, entry = readdir(dir))) {
		if (isdigit((unsigned char)entry->d_name[0]))
			result = visit(context, (pid_t)atoi(entry->d_name));
	}
	/* A group that dies under the walk ends it with ENOENT or ESRCH: there is nobody left. */
	if (!result && errno && errno != ENOENT && errno != ESRCH)
		result = -errno;
	return result;
}

int proc_each(const char *directory, proc_visit visit, void *context)
{
	DIR *dir = opendir(directory);
	int result;

	if (!dir)
		return errno == ENOENT ? -ESRCH : -errno;
	result = proc_each_in(dir, visit, context);
	closedir(dir);
	return result;
}
