// SPDX-License-Identifier: Apache-2.0
#include "mutations.h"

#include "../profile/calls.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* An address that belongs to nobody (RFC 5737), and one that belongs to everybody. */
#define NOBODY	 0xc0000201u
#define LOOPBACK 0x7f000001u

struct making {
	const struct profile *profile;
	const struct seen *seen;
	struct mutations *out;
};

static struct mutation *add(struct making *m, enum deed deed, enum tightness_kind kind)
{
	struct mutation *one = &m->out->at[m->out->count];

	if (m->out->count == MUTATIONS_MOST)
		return NULL;
	*one = (struct mutation){ .deed = deed, .kind = kind };
	m->out->count++;
	return one;
}

/* Each once, however many rules lead to it. */
static bool is_known(const struct making *m, enum deed deed, const char *path)
{
	for (uint32_t i = 0; i < m->out->count; i++)
		if (m->out->at[i].deed == deed && m->out->at[i].path &&
		    !strcmp(m->out->at[i].path, path))
			return true;
	return false;
}

static void add_path(struct making *m, enum deed deed, const char *path)
{
	bool wanted = path[0] && !is_known(m, deed, path);
	struct mutation *one = wanted ? add(m, deed, TIGHT_FILES) : NULL;

	if (!one)
		return;
	one->path = strdup(path);
	if (!one->path)
		m->out->count--;
}

static bool was_seen(const struct making *m, const char *path)
{
	return bag_find(&m->seen->files, path, strlen(path));
}

static bool has_rule(const struct bag *bag, const char *path)
{
	return bag_find(bag, path, strlen(path));
}

static void parent_of(const char *path, char out[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	size_t n = slash && slash > path ? (size_t)(slash - path) : 1;

	memcpy(out, path, n);
	out[n] = '\0';
}

static int join(const char *directory, const char *name, char out[PATH_MAX])
{
	int n = snprintf(out, PATH_MAX, "%s/%s", directory[1] ? directory : "", name);

	return n < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* The plain file of a directory that nothing was done with and whose name comes first; empty: none. */
static void other_file(const struct making *m, const char *directory, char out[PATH_MAX])
{
	char first[NAME_MAX + 1] = "", path[PATH_MAX];
	DIR *d = opendir(directory);
	struct dirent *entry;
	struct stat st;

	while (d && (entry = readdir(d))) {
		if ((first[0] && strcmp(entry->d_name, first) >= 0) ||
		    join(directory, entry->d_name, path) || was_seen(m, path) ||
		    lstat(path, &st) < 0 || !S_ISREG(st.st_mode))
			continue;
		memcpy(first, entry->d_name, strlen(entry->d_name) + 1);
	}
	if (d)
		closedir(d);
	out[0] = '\0';
	if (first[0] && join(directory, first, out))
		out[0] = '\0';
}

/* A name that nobody has taken. */
static void other_name(const char *directory, char out[PATH_MAX])
{
	if (join(directory, ".another-name", out))
		out[0] = '\0';
}

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* "/dir/." is about /dir itself: true, and `out` is that. Else `out` is the rule's path. */
static bool is_of_itself(const char *rule, char out[PATH_MAX])
{
	size_t n = strlen(rule);
	bool itself = n >= 2 && !strcmp(rule + n - 2, "/.");

	memcpy(out, rule, n + 1);
	if (itself)
		out[n == 2 ? 1 : n - 2] = '\0';
	return itself;
}

/* Another file beside it or, of a whole directory, in it; and to write what was read. */
static void mutate_read(struct making *m, const char *rule)
{
	char path[PATH_MAX], above[PATH_MAX], other[PATH_MAX];
	bool list = is_of_itself(rule, path), directory = is_directory(path);

	parent_of(path, above);
	other_file(m, directory && !list ? path : above, other);
	add_path(m, DEED_READ, other);
	if (!directory && !has_rule(&m->profile->write, rule))
		add_path(m, DEED_WRITE, path);
}

/* Another file beside it; of a directory, names in it and above it, and what is in it already. */
static void mutate_write(struct making *m, const char *rule)
{
	char path[PATH_MAX], above[PATH_MAX], other[PATH_MAX];

	(void)is_of_itself(rule, path);
	parent_of(path, above);
	other_file(m, is_directory(path) ? path : above, other);
	add_path(m, DEED_WRITE, other);
	if (!is_directory(path))
		return;
	other_name(path, other);
	add_path(m, DEED_MAKE, other);
	other_name(above, other);
	if (strcmp(above, path))
		add_path(m, DEED_MAKE, other);
}

/* What nobody has any business with. */
static void mutate_guarded(struct making *m)
{
	static const char *const guarded[] = { "/etc/shadow", "/etc/passwd", "/proc/1/environ",
					       "/proc/kallsyms" };

	for (size_t i = 0; i < sizeof(guarded) / sizeof(guarded[0]); i++)
		if (!was_seen(m, guarded[i]) && access(guarded[i], F_OK) == 0)
			add_path(m, DEED_READ, guarded[i]);
}

static void add_reach(struct making *m, bool udp, uint32_t address, uint16_t port)
{
	struct mutation *one = add(m, DEED_REACH, TIGHT_ADDRESSES);

	if (one) {
		one->udp = udp;
		one->address = address;
		one->port = port;
	}
}

/* Another port, another address, another protocol. Those of IPv6 are varied as if they were the nobody's. */
static void mutate_endpoint(struct making *m, const char *rule)
{
	const char *host = rule + strlen("tcp://"), *colon = strrchr(rule, ':');
	uint16_t port = (uint16_t)strtoul(colon + 1, NULL, 10);
	bool udp = !strncmp(rule, "udp", 3);
	uint32_t address = NOBODY;
	char text[INET_ADDRSTRLEN] = "";
	struct in_addr four;

	if ((size_t)(colon - host) < sizeof(text))
		memcpy(text, host, (size_t)(colon - host));
	if (inet_pton(AF_INET, text, &four) == 1)
		address = ntohl(four.s_addr);
	add_reach(m, udp, address, port < UINT16_MAX ? (uint16_t)(port + 1) : 1);
	add_reach(m, udp, address == LOOPBACK ? LOOPBACK + 1 : NOBODY + 1, port);
	add_reach(m, !udp, address, port);
}

static void mutate_port(struct making *m, const char *rule)
{
	unsigned long port = strtoul(rule, NULL, 10) + 1;
	char text[8];
	struct mutation *one;

	snprintf(text, sizeof(text), "%lu", port);
	if (port > UINT16_MAX || has_rule(&m->profile->bind, text))
		return;
	one = add(m, DEED_BIND, TIGHT_ADDRESSES);
	if (one)
		one->port = (uint16_t)port;
}

/* --- calls ------------------------------------------------------------------------------------ */

/* These come to no answer, or do something whatever they are given. */
static bool is_no_probe(const char *name)
{
	static const char *const names[] = {
		"exit",	       "exit_group", "pause",		"fork",		 "vfork",
		"clone",       "clone3",     "rt_sigreturn",	"sigreturn",	 "vhangup",
		"sync",	       "reboot",     "restart_syscall", "execve",	 "execveat",
		"sched_yield", "setsid",     "munlockall",	"rt_sigsuspend", "sigsuspend"
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* In any form: "ioctl" for "ioctl:0x5401". */
static bool lists(const struct profile *p, const char *name)
{
	size_t n = strlen(name);

	for (uint32_t i = 0; i < p->calls.count; i++)
		if (!strncmp(p->calls.at[i].key, name, n) &&
		    (!p->calls.at[i].key[n] || p->calls.at[i].key[n] == ':'))
			return true;
	return false;
}

/* From a number on, the next call that is not listed; -1: there is none. */
static int other_call(const struct making *m, int from)
{
	for (int i = 1; i < CALLS_LOW; i++) {
		int number = (from + i) % CALLS_LOW;
		const char *name = call_name(number);

		if (name && !is_no_probe(name) && !lists(m->profile, name))
			return number;
	}
	return -1;
}

static struct mutation *add_call(struct making *m, enum tightness_kind kind, int number)
{
	struct mutation *one = number < 0 ? NULL : add(m, DEED_CALL, kind);

	if (!one)
		return NULL;
	one->number = number;
	for (int i = 0; i < 3; i++)
		one->args[i] = UINT64_MAX;
	return one;
}

/* "ioctl:0x5401" with the last of its arguments another one. */
static void mutate_arguments(struct making *m, const char *rule, const struct call_form *form)
{
	struct mutation *one = add_call(m, TIGHT_ARGUMENTS, form->number);
	const char *at = strchr(rule, ':');
	char varied[96];
	uint32_t last = 0;

	if (!one || !at)
		return;
	for (unsigned arg = 0; arg < 3; arg++)
		if (form->deciding & 1u << arg && *at) {
			char *end;

			one->args[arg] = last = (uint32_t)strtoul(at + 1, &end, 16);
			at = end;
		}
	for (unsigned arg = 3; arg-- > 0;)
		if (form->deciding & 1u << arg) {
			size_t stem = (size_t)(strrchr(rule, ':') - rule);

			do
				snprintf(varied, sizeof(varied), "%.*s:0x%x", (int)stem, rule,
					 ++last);
			while (has_rule(&m->profile->calls, varied));
			one->args[arg] = last;
			return;
		}
}

static void mutate_call(struct making *m, const char *rule, int *from)
{
	char name[64];
	const struct call_form *form;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(rule, ":"), rule);
	form = call_form(call_number(name));
	if (form && form->kind == CALL_DECIDED && strchr(rule, ':') && !is_no_probe(name))
		mutate_arguments(m, rule, form);
	*from = other_call(m, *from);
	if (*from >= 0)
		(void)add_call(m, TIGHT_CALLS, *from);
}

void mutations_make(const struct profile *profile, const struct seen *seen, struct mutations *out)
{
	struct making m = { profile, seen, out };
	static const char *const programs[] = { "/bin/sh", "/bin/true", "/bin/busybox" };
	int from = 0;

	out->count = 0;
	for (uint32_t i = 0; i < profile->read.count; i++)
		mutate_read(&m, profile->read.at[i].key);
	for (uint32_t i = 0; i < profile->write.count; i++)
		mutate_write(&m, profile->write.at[i].key);
	mutate_guarded(&m);
	for (uint32_t i = 0; i < profile->allow.count; i++)
		mutate_endpoint(&m, profile->allow.at[i].key);
	for (uint32_t i = 0; i < profile->bind.count; i++)
		mutate_port(&m, profile->bind.at[i].key);
	if (!profile->allow.count)
		add_reach(&m, false, LOOPBACK, 9);
	for (uint32_t i = 0; i < profile->calls.count && from >= 0; i++)
		mutate_call(&m, profile->calls.at[i].key, &from);
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		char real[PATH_MAX];

		if (realpath(programs[i], real) && !was_seen(&m, real)) {
			if (out->count == MUTATIONS_MOST)
				free(out->at[--out->count].path);
			add_path(&m, DEED_RUN, real);
			break;
		}
	}
}

void mutations_free(struct mutations *m)
{
	while (m->count)
		free(m->at[--m->count].path);
}

/* --- doing them ------------------------------------------------------------------------------- */

static int result_of(long value)
{
	return value < 0 ? errno : 0;
}

static int try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600),
	    result = result_of(fd);

	if (fd >= 0)
		close(fd);
	if (fd >= 0 && flags & O_CREAT)
		unlink(path);
	return result;
}

static int try_address(const struct mutation *m)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(m->port) };
	int type = m->udp ? SOCK_DGRAM : SOCK_STREAM, fd, result;

	a.sin_addr.s_addr = htonl(m->deed == DEED_BIND ? LOOPBACK : m->address);
	fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	if (m->deed == DEED_BIND)
		result = result_of(bind(fd, (struct sockaddr *)&a, sizeof(a)));
	else
		result = result_of(connect(fd, (struct sockaddr *)&a, sizeof(a)));
	close(fd);
	return result;
}

int mutation_try(const struct mutation *m)
{
	char *argv[] = { m->path, "-c", ":", NULL };

	switch (m->deed) {
	case DEED_READ:
		return try_open(m->path, O_RDONLY);
	case DEED_WRITE:
		return try_open(m->path, O_WRONLY);
	case DEED_MAKE:
		return try_open(m->path, O_WRONLY | O_CREAT | O_EXCL);
	case DEED_RUN:
		return result_of(execv(m->path, argv));
	case DEED_REACH:
	case DEED_BIND:
		return try_address(m);
	case DEED_CALL:
		break;
	}
	return result_of(syscall(m->number, m->args[0], m->args[1], m->args[2], -1L, -1L, -1L));
}

void mutation_say(const struct mutation *m, char *out, size_t size)
{
	static const char *const deeds[] = { [DEED_READ] = "reading",
					     [DEED_WRITE] = "writing",
					     [DEED_MAKE] = "making",
					     [DEED_RUN] = "running" };
	const char *name = call_name(m->number);

	switch (m->deed) {
	case DEED_READ:
	case DEED_WRITE:
	case DEED_MAKE:
	case DEED_RUN:
		snprintf(out, size, "%s %s", deeds[m->deed], m->path);
		break;
	case DEED_REACH:
		snprintf(out, size, "%s://%u.%u.%u.%u:%u", m->udp ? "udp" : "tcp", m->address >> 24,
			 m->address >> 16 & 255, m->address >> 8 & 255, m->address & 255, m->port);
		break;
	case DEED_BIND:
		snprintf(out, size, "binding port %u", m->port);
		break;
	case DEED_CALL:
		snprintf(out, size, "%s(0x%llx, 0x%llx, 0x%llx)", name ? name : "?",
			 (unsigned long long)m->args[0], (unsigned long long)m->args[1],
			 (unsigned long long)m->args[2]);
		break;
	}
	/* A name may hold what ends a comment. */
	for (size_t i = 0; out[i]; i++)
		if ((unsigned char)out[i] < ' ' || out[i] == 0x7f)
			out[i] = '?';
}
