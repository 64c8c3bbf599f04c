// SPDX-License-Identifier: Apache-2.0
#include "trust.h"

#include "../arch/arch.h"
#include "../remote.h"
#include "names.h"
#include "small-file.h"

#include <linux/magic.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Of struct sockaddr_un, with a zero behind it. */
#define SOCKET_NAME (sizeof(((struct sockaddr_un *)NULL)->sun_path) + 1)

/* Anonymous memory of its own: what is mapped from a file changes with the file. */
static bool is_private(pid_t tid, uint64_t address, uint64_t size)
{
	char path[32], line[PATH_MAX + 128], sharing;
	unsigned long long from, to;
	unsigned long inode;
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)tid);
	f = fopen(path, "re");
	if (!f)
		return false;
	while (!found && fgets(line, sizeof(line), f))
		found = sscanf(line, "%llx-%llx %*c%*c%*c%c %*x %*x:%*x %lu", &from, &to, &sharing,
			       &inode) == 4 &&
			address >= from && address < to;
	fclose(f);
	return found && sharing == 'p' && inode == 0 && size <= to - address;
}

bool trust_alone(const struct watched_tasks *tasks, const struct watched *t)
{
	const uint32_t *threads = pidmap_find(&tasks->threads, t->tgid);

	return !tasks->meddled && !tasks->planted && t->settled && !t->shares && threads &&
	       *threads == 1;
}

/* Where the call's address is, and how long. */
static bool find_address(const struct watched *t, const struct call_form *form, uint64_t *address,
			 uint64_t *size)
{
	struct msghdr header;

	if (!form->in_header) {
		*address = t->args[(int)form->address];
		*size = t->args[form->address + 1] & UINT32_MAX;
	} else {
		if (remote_read(t->tid, t->args[(int)form->address], &header, sizeof(header)))
			return false;
		*address = (uintptr_t)header.msg_name;
		*size = header.msg_namelen;
	}
	return *address && *size >= sizeof(sa_family_t);
}

static sa_family_t family_of(const struct words *w)
{
	sa_family_t family;

	memcpy(&family, w->bytes, sizeof(family));
	return family;
}

/* The name of a socket in a directory; one that begins with a zero is in none. */
static bool name_of(const struct words *w, char name[SOCKET_NAME])
{
	size_t head = offsetof(struct sockaddr_un, sun_path),
	       n = w->size > head ? w->size - head : 0;

	if (family_of(w) != AF_UNIX)
		n = 0;
	if (n > SOCKET_NAME - 1)
		n = SOCKET_NAME - 1;
	memcpy(name, w->bytes + head, n);
	name[n] = '\0';
	return name[0];
}

bool trust_begin(const struct watched_tasks *tasks, struct watched *t, const struct call_form *form)
{
	struct words *w = &t->words;
	char name[SOCKET_NAME];
	uint64_t size;

	if (!find_address(t, form, &w->address, &size))
		return false;
	w->size = size < ADDRESS_BYTES ? (uint32_t)size : ADDRESS_BYTES;
	if (remote_read(t->tid, w->address, w->bytes, w->size))
		w->size = 0;
	w->alone = w->size && trust_alone(tasks, t) && is_private(t->tid, w->address, w->size) &&
		   (!form->in_header ||
		    is_private(t->tid, t->args[(int)form->address], sizeof(struct msghdr)));
	if (!name_of(w, name))
		return w->size;
	if (form->kind == CALL_BIND)
		(void)change_begin_name(t->tid, name, &t->change[0]);
	else
		names_begin(tasks, t);
	return true;
}

static bool find_socket(pid_t tid, const char *name, char path[PATH_MAX])
{
	int fd = names_walk(tid, name);
	char link[32];
	struct stat st;
	bool good;

	if (fd < 0)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	good = small_link(link, path, &st) && S_ISSOCK(st.st_mode);
	close(fd);
	return good;
}

static enum trust_kind trust_internet(const struct watched *t, char endpoint[ENDPOINT_MAX])
{
	bool six = false;
	const char *its = endpoint_protocol(t->tid, (int)t->args[0], &six);
	/* Ports that are taken are written without one. */
	const char *protocol = t->form->kind == CALL_BIND ? "" : its;
	unsigned port;

	if (family_of(&t->words) == AF_UNSPEC && six) /* to it that is no address */
		return TRUST_NOTHING;
	if (!endpoint_of(protocol ? protocol : "", t->words.bytes, t->words.size, endpoint, &port))
		return TRUST_NOTHING;
	return protocol ? TRUST_ENDPOINT : TRUST_UNNAMED;
}

enum trust_kind trust_address(const struct watched_tasks *tasks, const struct watched *t,
			      long result, char endpoint[ENDPOINT_MAX], char path[PATH_MAX])
{
	const struct words *w = &t->words;
	char name[SOCKET_NAME];
	sa_family_t family;

	if (!w->size)
		return TRUST_NOTHING;
	family = family_of(w);
	if (family == AF_UNSPEC && t->number == SYS_connect)
		return TRUST_NOTHING; /* it took an address away */
	if (family != AF_INET && family != AF_INET6 && family != AF_UNIX && family != AF_UNSPEC)
		return TRUST_NOTHING;
	/* Where it was alone when the call began, nobody can have joined it but by a call of its own. */
	if (!w->alone || tasks->meddled || tasks->planted)
		return TRUST_NOT;
	if (family != AF_UNIX)
		return trust_internet(t, endpoint);
	if (result < 0 || !name_of(w, name))
		return TRUST_NOTHING;
	if (t->form->kind == CALL_BIND) /* its own name has to be seen: end_bind() */
		return TRUST_NOT;
	return names_stood(tasks, t) && find_socket(t->tid, name, path) ? TRUST_PATH : TRUST_NOT;
}

void trust_notice(struct watched_tasks *tasks, const struct watched *t)
{
	/* What io_submit(2) reads goes into memory when the call is long over. */
	if (t->number == SYS_process_vm_writev || t->number == SYS_ptrace ||
	    t->number == SYS_io_submit)
		tasks->meddled = true;
	if (t->number == SYS_ptrace ||
	    (t->number == SYS_ioctl && (uint32_t)t->args[1] == SECCOMP_IOCTL_NOTIF_ADDFD))
		tasks->planted = true;
	if (t->number == SYS_setns || t->number == SYS_unshare || t->number == SYS_chroot ||
	    (t->number == arch.clone && t->args[arch.clone_flags_arg] & CLONE_NEWNS))
		tasks->roams = true;
}

bool trust_names(const struct watched_tasks *tasks, pid_t tid)
{
	char path[32], ours[64], theirs[64];
	struct stat root, their_root;
	ssize_t n, m;

	if (!tasks->roams)
		return true;
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)tid);
	n = readlink("/proc/self/ns/mnt", ours, sizeof(ours));
	m = readlink(path, theirs, sizeof(theirs));
	if (n <= 0 || n != m || memcmp(ours, theirs, (size_t)n))
		return false;
	snprintf(path, sizeof(path), "/proc/%d/root", (int)tid);
	return stat("/", &root) == 0 && stat(path, &their_root) == 0 &&
	       root.st_dev == their_root.st_dev && root.st_ino == their_root.st_ino;
}

/* /proc/PID/mem, and /proc/PID/task/TID/mem, wherever /proc is mounted. */
bool trust_is_memory(const char *link, const char *path)
{
	struct statfs fs;

	return !strncmp(strrchr(path, '/'), "/mem", 4) && statfs(link, &fs) == 0 &&
	       fs.f_type == PROC_SUPER_MAGIC;
}

static void share(struct watched_tasks *tasks, pid_t tgid)
{
	for (unsigned i = 0; i < tasks->count; i++)
		if (tasks->at[i].tgid == tgid)
			tasks->at[i].shares = true;
}

static void end_trust(struct watched_tasks *tasks)
{
	tasks->meddled = tasks->planted = true;
}

/* Whom it makes in a memory that is not its own goes on there when the wait of the owner is over. */
static void lend(struct watched_tasks *tasks, const struct watched *one)
{
	struct watched *first = watched_find(tasks, one->tgid);

	if (!first || first->borrows)
		end_trust(tasks);
	else if (!first->settled)
		first->lends = true;
}

void trust_birth(struct watched_tasks *tasks, pid_t parent, pid_t child, int event)
{
	struct watched *one = watched_find(tasks, parent), *other = watched_find(tasks, child);
	bool thread, waits, joins;
	const uint32_t *threads;
	uint64_t flags;

	if (!one || !other)
		return;
	/* Else the event says no more than the signal of its end: it is FORK for each that has SIGCHLD. */
	flags = one->number == arch.clone ? one->args[arch.clone_flags_arg] : 0;
	thread = one->tgid == other->tgid;
	waits = !thread && event == PTRACE_EVENT_VFORK;
	joins = !thread && !waits && flags & (CLONE_VM | CLONE_FILES);
	if (thread || waits || joins)
		lend(tasks, one);
	if (waits && other->lends)
		end_trust(tasks);
	if (!thread && flags & CLONE_FS) /* each may change where the other's names begin */
		tasks->meddled = true;
	if (joins)
		share(tasks, one->tgid);
	if (other->settled) /* it has executed something since */
		return;
	threads = pidmap_find(&tasks->threads, one->tgid);
	other->settled = true;
	other->borrows = waits;
	if (joins || (thread && one->shares) ||
	    /* Who made it waits; its threads do not. */
	    (waits && (!one->settled || one->shares || !threads || *threads > 1)))
		share(tasks, other->tgid);
}

void trust_death(struct watched_tasks *tasks, const struct watched *t)
{
	if (t->lends && !t->settled)
		end_trust(tasks);
}

void trust_image(struct watched *t)
{
	t->shares = t->borrows = false;
	t->settled = true;
}
