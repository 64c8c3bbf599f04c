// SPDX-License-Identifier: Apache-2.0
#include "names.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define LINKS_MOST 40u /* MAXSYMLINKS of include/linux/namei.h */

/* So a socket is named whose name would be too long, or a directory that has none. */
#define OWN_FILES "/proc/self/fd/"

struct way {
	pid_t tid;
	int at; /* O_PATH, or -errno */
	unsigned links;
	char rest[PATH_MAX]; /* what is yet to be walked */
};

void names_notice(struct watched_tasks *tasks, const struct call_form *form)
{
	if (form && form->kind == CALL_NAME)
		tasks->names++;
}

void names_begin(const struct watched_tasks *tasks, struct watched *t)
{
	t->names = tasks->names;
	t->quiet = true;
	for (unsigned i = 0; i < tasks->count; i++) {
		const struct watched *other = &tasks->at[i];

		if (other != t && other->form && other->form->kind == CALL_NAME)
			t->quiet = false;
	}
}

bool names_stood(const struct watched_tasks *tasks, const struct watched *t)
{
	return t->quiet && t->names == tasks->names;
}

bool names_begin_with_it(const char *name)
{
	return name[0] != '/' || !strncmp(name, OWN_FILES, strlen(OWN_FILES));
}

static int open_of(pid_t tid, const char *what)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)tid, what);
	fd = open(path, O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static void begin(struct way *w, const char *name)
{
	char what[16] = "cwd";
	size_t n;

	if (name[0] == '/')
		snprintf(what, sizeof(what), "root");
	if (!strncmp(name, OWN_FILES, strlen(OWN_FILES))) {
		name += strlen(OWN_FILES);
		n = strspn(name, "0123456789");
		snprintf(what, sizeof(what), "fd/%.*s", (int)n, name);
		name += n;
	}
	w->at = open_of(w->tid, what);
	snprintf(w->rest, sizeof(w->rest), "%s", name);
}

/* Cuts the next name off. Whether there is one. */
static bool next(struct way *w, char name[PATH_MAX])
{
	char *at = w->rest + strspn(w->rest, "/");
	size_t n = strcspn(at, "/");

	memcpy(name, at, n);
	name[n] = '\0';
	memmove(w->rest, at + n, strlen(at + n) + 1);
	return n;
}

static void enter(struct way *w, int fd)
{
	close(w->at);
	w->at = fd;
}

static int follow(struct way *w, int link)
{
	char text[PATH_MAX], rest[PATH_MAX];
	struct statfs fs;
	ssize_t n;

	if (++w->links > LINKS_MOST || fstatfs(link, &fs) < 0 || fs.f_type == PROC_SUPER_MAGIC)
		return -ELOOP;
	n = readlinkat(link, "", text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	if ((size_t)snprintf(rest, sizeof(rest), "%s/%s", text, w->rest) >= sizeof(rest))
		return -ENAMETOOLONG;
	memcpy(w->rest, rest, strlen(rest) + 1);
	if (text[0] == '/')
		enter(w, open_of(w->tid, "root"));
	return w->at < 0 ? w->at : 0;
}

static int step(struct way *w, const char *name)
{
	int fd = openat(w->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), err;
	struct stat st;

	if (fd < 0)
		return -errno;
	err = fstat(fd, &st) < 0 ? -errno : 0;
	if (!err && !S_ISLNK(st.st_mode)) {
		enter(w, fd);
		return 0;
	}
	err = err ? err : follow(w, fd);
	close(fd);
	return err;
}

int names_walk(pid_t tid, const char *name)
{
	struct way w = { .tid = tid };
	char one[PATH_MAX];
	int err;

	begin(&w, name);
	err = w.at < 0 ? w.at : 0;
	while (!err && next(&w, one))
		err = step(&w, one);
	if (err && w.at >= 0)
		close(w.at);
	return err ? err : w.at;
}
