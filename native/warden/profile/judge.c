// SPDX-License-Identifier: Apache-2.0
/* Whether a profile allows a call: the same answers as profile/landlock.c has the kernel give. */
#include "rules.h"

#include "../arch/arch.h"
#include "calls.h"
#include "endpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#define TMPFILE ((uint64_t)(O_TMPFILE & ~O_DIRECTORY))

static const struct policy_verdict yes = { .action = POLICY_ALLOW };
static const struct policy_verdict no = { .action = POLICY_ERRNO, .error = EACCES };

/*
 * A call that fails anyhow for what is there or not is told that (`otherwise`; 0: nothing), as the kernel
 * tells it before it asks Landlock. That gives nothing away: stat(2) is under no rule for files.
 */
static struct policy_verdict say(bool allowed, int otherwise)
{
	struct policy_verdict verdict = no;

	if (allowed)
		return yes;
	if (otherwise)
		verdict.error = otherwise;
	return verdict;
}

/*
 * memfd_create(2) and the like: they are in no directory, so no rule can name them, and who has them
 * open has written them itself. Only who may make names in / could make one that looks like that.
 */
static bool is_nameless(const char *path)
{
	static const char end[] = " (deleted)";
	size_t n = strlen(path);

	return path[0] != '/' || (!strncmp(path, "/memfd:", 7) && n > strlen(end) &&
				  !strcmp(path + n - strlen(end), end));
}

/* At its argument; NULL: it is not there. What is copied of paths has a NUL behind it. */
static const char *path_at(const struct facts *f, int arg)
{
	return arg >= 0 && arg < (int)POLICY_ARGS && f->deep[arg].present
		       ? (const char *)f->deep[arg].bytes
		       : NULL;
}

/* Of what is there, where that is a path. */
static mode_t mode_at(const struct facts *f, int arg)
{
	return path_at(f, arg) ? f->deep[arg].mode : 0;
}

static bool may_open(const struct rules *rules, const struct facts *f, const char *path,
		     mode_t there)
{
	unsigned have = rules_rights(rules, path, f->caller), need = 0;
	int mode = (int)(f->flags & O_ACCMODE);

	/* It can be read, written or listed only when it is opened once more. */
	if (f->flags & O_PATH || is_nameless(path))
		return true;
	if (f->flags & TMPFILE)
		return (rules_rights_above(rules, path, f->caller) | have) &
		       (RIGHT_WRITE | RIGHT_NAMES_IT);
	if (!there && !(f->flags & O_CREAT)) /* the kernel says so */
		return true;
	if (S_ISDIR(there))
		return have & (RIGHT_READ | RIGHT_LIST_IT);
	if (!there)
		need |= RIGHT_NAMES;
	if (mode != O_WRONLY)
		need |= RIGHT_READ;
	if (mode != O_RDONLY || (f->flags & O_TRUNC && (!there || S_ISREG(there))))
		need |= RIGHT_WRITE;
	return (have & need) == need;
}

static bool may_name(const struct rules *rules, const struct facts *f, const char *path)
{
	return path && rules_rights(rules, path, f->caller) & RIGHT_NAMES;
}

/*
 * Another name must not give a file rights that it did not have: Landlock's own rule (REFER). Of a name
 * that has a rule for itself the right to run is no news: what may be replaced may be written, too.
 * A directory takes along what is in it, which would be the run's own in one for names of its own.
 */
static bool widens(const struct rules *rules, const struct facts *f, const char *from,
		   const char *to)
{
	unsigned of_files = RIGHT_READ | RIGHT_RUN | RIGHT_WRITE;
	unsigned before = rules_rights(rules, from, f->caller);
	unsigned own = rules_rights(rules, to, f->caller);
	unsigned behind =
		rules_rights_above(rules, to, f->caller) | (own & (RIGHT_READ | RIGHT_WRITE));

	if (own & RIGHT_NAMES_IT)
		behind |= RIGHT_READ | RIGHT_WRITE;
	return behind & of_files & ~before;
}

/* On mips these are on the stack, which has been settled before it is judged (deep/files.c). */
static uint64_t rename_flags(const struct facts *f, const struct call_form *form)
{
	return form->rename_flags ? f->args[(int)form->rename_flags] : 0;
}

/*
 * A device by any name in such a directory would be all that its number stands for: a disk, memory. One that
 * is there keeps its name, and no other is made; nor a whiteout (0:0), for Landlock knows no numbers.
 */
static bool is_device(mode_t mode)
{
	return S_ISCHR(mode) || S_ISBLK(mode);
}

/* What has one name may have the other. */
static bool may_move(const struct rules *rules, const struct facts *f, int from, int to)
{
	const char *one = path_at(f, from), *other = path_at(f, to);

	return one && other && !is_device(mode_at(f, from)) && !widens(rules, f, one, other);
}

static bool may_change_names(const struct rules *rules, const struct facts *f,
			     const struct call_form *form)
{
	int one = form->paths[0].path, other = form->paths[1].path;
	int from = form->links ? form->from.path : other != NO_ARG ? one : NO_ARG;
	int to = other != NO_ARG ? other : one;

	if (!may_name(rules, f, path_at(f, one)) ||
	    (other != NO_ARG && !may_name(rules, f, path_at(f, other))))
		return false;
	if (form->mode && is_device((mode_t)f->args[(int)form->mode]))
		return false;
	if (from == NO_ARG)
		return true;
	if (rename_flags(f, form) & RENAME_EXCHANGE && !may_move(rules, f, to, from))
		return false;
	return may_move(rules, f, from, to);
}

/* What it fails with for the names that are there or not (fs/namei.c), or 0. */
static int names_errno(const struct facts *f, const struct call_form *form)
{
	bool renames = form->paths[1].path != NO_ARG;
	bool one = mode_at(f, form->paths[0].path), other = mode_at(f, form->paths[1].path);
	uint64_t flags = rename_flags(f, form);

	if (form->links && !mode_at(f, form->from.path))
		return ENOENT;
	if (renames || form->removes ? !one : one)
		return one ? EEXIST : ENOENT;
	if (renames && !other && flags & RENAME_EXCHANGE)
		return ENOENT;
	return renames && other && flags & RENAME_NOREPLACE ? EEXIST : 0;
}

static bool may_change_file(const struct rules *rules, const struct facts *f, int arg)
{
	const char *path = path_at(f, arg);

	return path && (is_nameless(path) || rules_rights(rules, path, f->caller) & RIGHT_WRITE);
}

/* The same of a socket's address, where that is a path (unix_bind and unix_find_bsd in net/unix). */
static int reach_errno(const struct facts *f, int arg, bool binds)
{
	sa_family_t family = AF_UNSPEC;

	if (f->deep[arg].present && f->deep[arg].size > sizeof(family))
		memcpy(&family, f->deep[arg].bytes, sizeof(family));
	if (family != AF_UNIX)
		return 0;
	if (binds)
		return f->deep[arg].mode ? EADDRINUSE : 0;
	return f->deep[arg].mode ? 0 : ENOENT;
}

static bool has(const struct bag *bag, const char *key)
{
	return bag_find(bag, key, strlen(key));
}

static bool may_reach(const struct rules *rules, const struct facts *f, int arg, bool binds)
{
	const unsigned char *bytes = f->deep[arg].bytes;
	size_t size = f->deep[arg].size;
	char endpoint[ENDPOINT_MAX], port_text[8], path[PATH_MAX];
	sa_family_t family;
	unsigned port;

	/* Without an address it goes where it was connected to. */
	if (!f->deep[arg].present || size < sizeof(family))
		return true;
	memcpy(&family, bytes, sizeof(family));
	if (family == AF_UNIX) {
		size_t n = strnlen((const char *)bytes + sizeof(family), size - sizeof(family));

		/* Nameless, or abstract: those are not in any directory, and nobody's rule. */
		if (!n || n >= sizeof(path))
			return true;
		memcpy(path, bytes + sizeof(family), n);
		path[n] = '\0';
		return rules_rights(rules, path, f->caller) & (binds ? RIGHT_NAMES : RIGHT_WRITE);
	}
	if (family == AF_UNSPEC && f->number == SYS_connect)
		return true; /* it leads nowhere: it takes the address that there was away */
	if (family != AF_INET && family != AF_INET6 && family != AF_UNSPEC)
		return true; /* which families there are is said by syscalls.allow */
	if (!endpoint_of(f->protocol ? f->protocol : "", bytes, size, endpoint, &port))
		return true; /* too short: the kernel says so */
	if (!binds)
		return f->protocol && has(rules->allow, endpoint);
	snprintf(port_text, sizeof(port_text), "%u", port);
	return has(rules->bind, port_text);
}

/* Who has not become the command yet still is what we are. */
static bool is_before_the_command(pid_t caller)
{
	struct stat its, ours;
	char link[32];

	snprintf(link, sizeof(link), "/proc/%d/exe", (int)caller);
	return stat(link, &its) == 0 && stat("/proc/self/exe", &ours) == 0 &&
	       its.st_dev == ours.st_dev && its.st_ino == ours.st_ino;
}

/* The file that would run; before it is known, whether there is to be an exec at all. */
static bool may_run(const struct rules *rules, const struct facts *f)
{
	if (!f->file)
		return rules->execs || is_before_the_command(f->caller);
	return is_nameless(f->file) || rules_rights(rules, f->file, f->caller) & RIGHT_RUN;
}

static struct policy_verdict judge_open(const struct rules *rules, const struct facts *f, int arg)
{
	const char *path = path_at(f, arg);
	mode_t there = mode_at(f, arg);

	return say(path && may_open(rules, f, path, there), call_open_errno(f->flags, there));
}

struct policy_verdict rules_judge(const void *context, const struct facts *f)
{
	const struct rules *rules = context;
	const struct call_form *form = call_form(f->number);
	bool binds = form && form->kind == CALL_BIND;

	if (f->number == arch.execve || f->number == arch.execveat)
		return say(may_run(rules, f), 0);
	if (!form)
		return no;
	switch (form->kind) {
	case CALL_OPEN:
		return judge_open(rules, f, form->paths[0].path);
	case CALL_NAME:
		return say(may_change_names(rules, f, form), names_errno(f, form));
	case CALL_FILE:
		return say(may_change_file(rules, f, form->paths[0].path),
			   mode_at(f, form->paths[0].path) ? 0 : ENOENT);
	case CALL_FD:
		return say(may_change_file(rules, f, form->fd), 0);
	case CALL_CONNECT:
	case CALL_BIND:
		return say(may_reach(rules, f, form->address, binds),
			   reach_errno(f, form->address, binds));
	case CALL_HEARS:
	case CALL_DECIDED:
	case CALL_REFUSED:
		break;
	}
	return no;
}
