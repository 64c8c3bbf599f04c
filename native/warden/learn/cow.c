// SPDX-License-Identifier: Apache-2.0
#include "cow.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define STORE "/tmp" /* every system has it (hier(7)); the view is built on a tmpfs over it */

/* Not of files that anybody keeps: devices, and what the kernel makes up. They are shared as they are. */
static const char *const made_up[] = {
	"proc",	      "sysfs",	   "devtmpfs",	  "devpts",   "cgroup",	    "cgroup2",	 "mqueue",
	"securityfs", "debugfs",   "tracefs",	  "configfs", "bpf",	    "pstore",	 "efivarfs",
	"fusectl",    "hugetlbfs", "binfmt_misc", "autofs",   "rpc_pipefs", "selinuxfs", "nsfs",
};

struct found {
	char at[PATH_MAX], type[64];
	bool read_only;
};

static int fail(struct cow_error *error, const char *step, const char *about, int err)
{
	error->step = step;
	error->error = err;
	snprintf(error->about, sizeof(error->about), "%s", about ? about : "");
	return err;
}

/* \040 and its like, as /proc/self/mountinfo writes what would end a word. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *at = text; *at; to++) {
		unsigned code;

		if (at[0] == '\\' && sscanf(at + 1, "%3o", &code) == 1 && strlen(at) >= 4) {
			*to = (char)code;
			at += 4;
		} else {
			*to = *at++;
		}
	}
	*to = '\0';
}

/* One line of proc_pid_mountinfo(5). */
static bool parse(char *line, struct found *out)
{
	char options[256];
	const char *behind = strstr(line, " - ");

	if (!behind || sscanf(line, "%*d %*d %*u:%*u %*s %4095s %255s", out->at, options) != 2 ||
	    sscanf(behind, " - %63s", out->type) != 1)
		return false;
	unescape(out->at);
	out->read_only = !strcmp(options, "ro") || !strncmp(options, "ro,", 3);
	return true;
}

static bool is_made_up(const char *type)
{
	for (size_t i = 0; i < sizeof(made_up) / sizeof(made_up[0]); i++)
		if (!strcmp(type, made_up[i]))
			return true;
	return false;
}

static int write_map(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		err = -errno;
	close(fd);
	return err;
}

/* Namespaces of our own, in which we keep our names. */
static int leave(struct cow_error *error)
{
	unsigned uid = geteuid(), gid = getegid();
	char map[64];
	int err;

	if (unshare(uid ? CLONE_NEWUSER | CLONE_NEWNS : CLONE_NEWNS) < 0)
		return fail(error, "namespaces", NULL, -errno);
	if (uid) {
		err = write_map("/proc/self/setgroups", "deny");
		snprintf(map, sizeof(map), "%u %u 1", gid, gid);
		if (!err)
			err = write_map("/proc/self/gid_map", map);
		snprintf(map, sizeof(map), "%u %u 1", uid, uid);
		if (!err)
			err = write_map("/proc/self/uid_map", map);
		if (err)
			return fail(error, "user namespace", NULL, err);
	}
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return fail(error, "mount namespace", NULL, -errno);
	return 0;
}

static struct cow_mount *remember(struct cow *cow, const char *at, int fd)
{
	struct cow_mount *m = &cow->mount[cow->count];

	m->at = strdup(at[1] ? at : "");
	m->fd = fd;
	if (!m->at)
		return NULL;
	cow->count++;
	return m;
}

/* In the store: NAME/up and NAME/work, which an overlay needs on one file system. */
static int make_store(int store, unsigned number, char up[64], char work[64])
{
	char dir[32];

	snprintf(dir, sizeof(dir), "%u", number);
	snprintf(up, 64, STORE "/%u/up", number);
	snprintf(work, 64, STORE "/%u/work", number);
	if (mkdirat(store, dir, 0700) < 0 || mkdir(up, 0755) < 0 || mkdir(work, 0700) < 0)
		return -errno;
	return 0;
}

static int same_mode(const char *path, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	/* Only the superuser can give things away; without that the root of it is ours. */
	if (chown(path, st.st_uid, st.st_gid) < 0 && errno != EPERM && errno != EINVAL)
		return -errno;
	return chmod(path, st.st_mode & 07777) < 0 ? -errno : 0;
}

static int cover(struct cow *cow, int lower, const char *target)
{
	char up[64], work[64], options[256];
	const char *more = geteuid() ? ",userxattr" : "";
	int err = make_store(cow->store, cow->overlays++, up, work);

	if (!err)
		err = same_mode(up, lower);
	if (err)
		return err;
	snprintf(options, sizeof(options), "lowerdir=/proc/self/fd/%d,upperdir=%s,workdir=%s%s",
		 lower, up, work, more);
	return mount("overlay", target, "overlay", 0, options) < 0 ? -errno : 0;
}

/* A single file that something was mounted over, or what is read-only anyway: nobody writes to it. */
static int bind(int fd, const char *target, bool read_only)
{
	char source[32];
	struct statvfs fs;
	unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY;

	snprintf(source, sizeof(source), "/proc/self/fd/%d", fd);
	if (mount(source, target, NULL, MS_BIND | (read_only ? 0 : MS_REC), NULL) < 0)
		return -errno;
	if (!read_only)
		return 0;
	/* What is locked has to stay as it is (mount_namespaces(7)). */
	if (fstatvfs(fd, &fs) < 0)
		return -errno;
	flags |= (fs.f_flag & ST_NOSUID ? MS_NOSUID : 0) | (fs.f_flag & ST_NODEV ? MS_NODEV : 0) |
		 (fs.f_flag & ST_NOEXEC ? MS_NOEXEC : 0) |
		 (fs.f_flag & ST_NOATIME ? MS_NOATIME : 0) |
		 (fs.f_flag & ST_NODIRATIME ? MS_NODIRATIME : 0) |
		 (fs.f_flag & ST_RELATIME ? MS_RELATIME : 0);
	return mount(NULL, target, NULL, flags, NULL) < 0 ? -errno : 0;
}

static const struct cow_mount *mount_of(const struct cow *cow, const char *path, const char **rest)
{
	const struct cow_mount *best = NULL;
	size_t longest = 0;

	for (unsigned i = 0; i < cow->count; i++) {
		const struct cow_mount *m = &cow->mount[i];
		size_t n = strlen(m->at);

		if (strncmp(path, m->at, n) || (path[n] && path[n] != '/') || (best && n < longest))
			continue;
		best = m;
		longest = n;
	}
	*rest = path + longest;
	return best;
}

/* Keeps them in the order of their paths; of two at one place the later one lies above. */
static int insert(struct found *found, unsigned *count, const struct found *next, bool replace)
{
	unsigned at = *count;

	while (at > 0 && strcmp(found[at - 1].at, next->at) > 0)
		at--;
	if (at > 0 && !strcmp(found[at - 1].at, next->at)) {
		if (replace)
			found[at - 1] = *next;
		return 0;
	}
	if (*count == COW_MOUNTS)
		return -E2BIG;
	memmove(found + at + 1, found + at, (*count - at) * sizeof(*found));
	found[at] = *next;
	++*count;
	return 0;
}

/*
 * Counts as mounted, so that it is a view of its own: an overlay that we make with one name alone
 * cannot copy a directory that is another's, and what lies below it could not be written.
 */
static int insert_place(struct found *found, unsigned *count, const char *path)
{
	struct found place = { .type = "" };
	char *real = path ? realpath(path, NULL) : NULL;
	bool fits = real && real[1] && strlen(real) < sizeof(place.at);

	if (fits)
		strcpy(place.at, real);
	free(real);
	return fits ? insert(found, count, &place, false) : 0;
}

static int read_mounts(const char *directory, struct found *found, unsigned *count)
{
	const char *const places[] = { directory, getenv("HOME"), getenv("TMPDIR"), "/var/tmp" };
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[2 * PATH_MAX];
	struct found next;
	int err = 0;

	*count = 0;
	if (!f)
		return -errno;
	while (!err && fgets(line, sizeof(line), f))
		if (parse(line, &next))
			err = insert(found, count, &next, true);
	fclose(f);
	if (!err) /* we are about to cover it */
		err = insert_place(found, count, STORE);
	for (size_t i = 0; !err && geteuid() && i < sizeof(places) / sizeof(places[0]); i++)
		err = insert_place(found, count, places[i]);
	return err;
}

/* Everything is opened before anything is covered. */
static int open_all(struct cow *cow, const struct found *found, unsigned count,
		    struct cow_error *error)
{
	for (unsigned i = 0; i < count; i++) {
		int fd = open(found[i].at, O_PATH | O_CLOEXEC);

		if (fd < 0)
			return fail(error, "open", found[i].at, -errno);
		if (!remember(cow, found[i].at, fd))
			return fail(error, "open", found[i].at, -ENOMEM);
	}
	return 0;
}

/* /dev is one whatever it is made of: an overlay shows no devices. */
static bool is_shared(const struct found *f)
{
	return is_made_up(f->type) || !strcmp(f->at, "/dev");
}

/* What a view is being made of. */
struct plan {
	struct cow *cow;
	const struct found *found;
	unsigned count;
};

static bool is_mount(const struct plan *p, const char *path)
{
	for (unsigned i = 0; i < p->count; i++)
		if (!strcmp(p->cow->mount[i].at, path))
			return true;
	return false;
}

static bool has_mounts(const struct plan *p, const char *path)
{
	size_t n = strlen(path);

	for (unsigned i = 0; i < p->count; i++)
		if (!strncmp(p->cow->mount[i].at, path, n) && p->cow->mount[i].at[n] == '/')
			return true;
	return false;
}

static int place_file(const char *target)
{
	int fd = open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* Others go on working there: what has gone since it was listed is not laid out. */
static int unless_gone(int error)
{
	return error == ENOENT ? 0 : -error;
}

static int copy_link(int directory, const char *name, const char *target)
{
	char leads[PATH_MAX];
	ssize_t n = readlinkat(directory, name, leads, sizeof(leads) - 1);

	if (n < 0)
		return unless_gone(errno);
	leads[n] = '\0';
	return symlink(leads, target) < 0 ? -errno : 0;
}

static int lay_out(struct plan *p, const char *path, int fd);

/* Or another has its name. */
static bool is_gone(int directory, const char *name, const struct stat *was)
{
	struct stat now;

	return fstatat(directory, name, &now, AT_SYMLINK_NOFOLLOW) < 0 ||
	       now.st_dev != was->st_dev || now.st_ino != was->st_ino;
}

static int place(struct plan *p, const char *path, int directory, const char *name,
		 const struct stat *st, const char *target)
{
	int fd = openat(directory, name, O_PATH | O_CLOEXEC | O_NOFOLLOW), err;

	if (fd < 0)
		return -errno;
	if (!S_ISDIR(st->st_mode))
		err = bind(fd, target, true);
	else if (has_mounts(p, path))
		err = lay_out(p, path, fd);
	else
		err = cover(p->cow, fd, target);
	close(fd);
	return err;
}

static int lay_out_entry(struct plan *p, const char *path, int directory, const char *name)
{
	char target[PATH_MAX + sizeof(STORE) + 8];
	struct stat st;
	int err;

	snprintf(target, sizeof(target), STORE "/root%s", path);
	if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return unless_gone(errno);
	if (S_ISLNK(st.st_mode))
		return copy_link(directory, name, target);
	err = S_ISDIR(st.st_mode) ? (mkdir(target, 0755) < 0 ? -errno : 0) : place_file(target);
	if (err || is_mount(p, path)) /* its turn comes */
		return err;
	err = place(p, path, directory, name, &st, target);
	if (!err || !is_gone(directory, name, &st))
		return err;
	/* What was to be there in its stead stays away, too. */
	return (S_ISDIR(st.st_mode) ? rmdir(target) : unlink(target)) < 0 ? -errno : 0;
}

/*
 * A directory with mounts below it is made anew, entry by entry: in a user namespace no overlay
 * is to be had of it, for that would show what the mounts hide (clone_private_mount() in
 * fs/namespace.c). Of its files nobody can write to those that are there.
 */
static int lay_out(struct plan *p, const char *path, int fd)
{
	char target[PATH_MAX + sizeof(STORE) + 8], child[PATH_MAX];
	int readable = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;
	struct dirent *entry;
	DIR *dir;

	snprintf(target, sizeof(target), STORE "/root%s", path);
	if (readable < 0)
		return -errno;
	err = same_mode(target, fd);
	dir = fdopendir(readable);
	if (!dir) {
		close(readable);
		return -ENOMEM;
	}
	while (!err && (errno = 0, entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if ((size_t)snprintf(child, sizeof(child), "%s/%s", path, entry->d_name) >=
		    sizeof(child))
			err = -ENAMETOOLONG;
		else
			err = lay_out_entry(p, child, readable, entry->d_name);
	}
	if (!err && errno)
		err = -errno;
	closedir(dir);
	return err;
}

static int build_one(struct plan *p, unsigned i, bool in_shared)
{
	const struct cow_mount *m = &p->cow->mount[i];
	const struct found *f = &p->found[i];
	char target[PATH_MAX + sizeof(STORE) + 8];
	struct stat st;

	snprintf(target, sizeof(target), STORE "/root%s", m->at);
	if (fstat(m->fd, &st) < 0)
		return -errno;
	/* What is shared came with what is around it: all but a plain directory of files, as /dev/shm. */
	if (in_shared &&
	    (is_shared(f) || f->read_only || !S_ISDIR(st.st_mode) || has_mounts(p, m->at)))
		return 0;
	if (is_shared(f))
		return bind(m->fd, target, false);
	if (f->read_only || !S_ISDIR(st.st_mode))
		return bind(m->fd, target, true);
	return has_mounts(p, m->at) ? lay_out(p, m->at, m->fd) : cover(p->cow, m->fd, target);
}

/* From now on the root is the cow, and what it hides can be reached by the descriptors alone. */
static int move_in(const char *directory)
{
	if (chdir(STORE "/root") < 0)
		return -errno;
	if (syscall(SYS_pivot_root, ".", ".") == 0) {
		if (umount2(".", MNT_DETACH) < 0)
			return -errno;
	} else if (chroot(".") < 0) { /* the first root of all cannot be moved */
		return -errno;
	}
	return chdir(directory) < 0 ? -errno : 0;
}

static int build(struct cow *cow, const struct found *found, unsigned count,
		 struct cow_error *error)
{
	struct plan plan = { cow, found, count };
	int err = open_all(cow, found, count, error);

	if (err)
		return err;
	if (mount("warden", STORE, "tmpfs", 0, "mode=0755") < 0)
		return fail(error, "store", STORE, -errno);
	cow->store = open(STORE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cow->store < 0 || mkdirat(cow->store, "root", 0755) < 0)
		return fail(error, "store", STORE, -errno);
	/* Only a mount can become the root. */
	if (mount(STORE "/root", STORE "/root", NULL, MS_BIND, NULL) < 0)
		return fail(error, "store", STORE "/root", -errno);
	for (unsigned i = 0; i < count; i++) {
		const char *rest;
		const struct cow_mount *around;
		char above[PATH_MAX];

		snprintf(above, sizeof(above), "%s", cow->mount[i].at);
		if (strrchr(above, '/'))
			*strrchr(above, '/') = '\0';
		around = mount_of(cow, above, &rest);
		err = build_one(&plan, i, i && around && is_shared(&found[around - cow->mount]));
		if (err)
			return fail(error, "copy on write", found[i].at, err);
	}
	/* What is there whatever becomes of it: it is looked up as it is. */
	for (unsigned i = 0; i < count; i++) {
		if (!is_shared(&found[i]))
			continue;
		close(cow->mount[i].fd);
		cow->mount[i].fd = -1;
	}
	return 0;
}

int cow_enter(struct cow *cow, struct cow_error *error)
{
	struct found *found = calloc(COW_MOUNTS, sizeof(*found));
	char directory[PATH_MAX];
	unsigned count;
	int err;

	*cow = (struct cow){ .store = -1 };
	*error = (struct cow_error){ 0 };
	if (!found)
		return fail(error, "memory", NULL, -ENOMEM);
	if (!getcwd(directory, sizeof(directory)))
		err = fail(error, "working directory", NULL, -errno);
	else
		err = leave(error);
	if (!err && (err = read_mounts(directory, found, &count)))
		fail(error, "mounts", "/proc/self/mountinfo", err);
	if (!err)
		err = build(cow, found, count, error);
	free(found);
	if (!err && (err = move_in(directory)))
		fail(error, "root", directory, err);
	return err;
}

int cow_none(struct cow *cow)
{
	*cow = (struct cow){ .store = -1 };
	return remember(cow, "/", -1) ? 0 : -ENOMEM;
}

bool cow_had(const struct cow *cow, const char *path)
{
	const char *rest;
	const struct cow_mount *m = mount_of(cow, path, &rest);
	struct stat st;

	if (!m)
		return false;
	if (m->fd < 0)
		return lstat(path, &st) == 0;
	while (*rest == '/')
		rest++;
	return fstatat(m->fd, rest, &st, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) == 0;
}

uint64_t cow_bytes(const struct cow *cow)
{
	struct statvfs fs;

	if (cow->store < 0 || fstatvfs(cow->store, &fs) < 0)
		return 0;
	return (uint64_t)(fs.f_blocks - fs.f_bfree) * (uint64_t)fs.f_frsize;
}

void cow_close(struct cow *cow)
{
	for (unsigned i = 0; i < cow->count; i++) {
		free(cow->mount[i].at);
		if (cow->mount[i].fd >= 0)
			close(cow->mount[i].fd);
	}
	if (cow->store >= 0)
		close(cow->store);
	*cow = (struct cow){ .store = -1 };
}
