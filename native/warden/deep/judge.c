// SPDX-License-Identifier: Apache-2.0
#include "judge.h"

#include "../profile/endpoint.h"
#include "names.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void written_subject(const struct deep_call *c, struct subject *out)
{
	*out = (struct subject){ .path = c->shape->kind == KIND_OPEN ? c->path : NULL,
				 .mode = S_IFREG };
	if (c->has_address) {
		out->address = c->address;
		out->address_size = c->address_size;
	}
}

/* O_TMPFILE has the bit of O_DIRECTORY in it. */
#define CREATING ((uint64_t)(O_CREAT | (O_TMPFILE & ~O_DIRECTORY)))

bool may_make(const struct deep_call *c)
{
	return c->shape->kind == KIND_BIND ||
	       (c->shape->kind == KIND_OPEN && c->how.flags & CREATING);
}

static struct walk_rules rules_of_open(const struct deep_call *c)
{
	uint64_t exclusive = O_CREAT | O_EXCL;

	return (struct walk_rules){
		.existing = !(c->how.flags & CREATING),
		.keep_last_link =
			c->how.flags & O_NOFOLLOW || (c->how.flags & exclusive) == exclusive,
		.creates = c->how.flags & O_CREAT,
		.resolve = c->how.resolve,
	};
}

/* An address like the one that was given, with the real path in it. */
static int find_socket(const struct view *v, const struct deep_call *c, struct found *object,
		       struct subject *out)
{
	struct walk_rules rules = { .keep_last_link = c->shape->kind == KIND_BIND };
	struct address address;
	char path[ADDRESS_MOST];
	int err;

	written_subject(c, out);
	out->umask = v->umask;
	if (!c->has_address ||
	    !decode_address(&layout_own, c->address, c->address_size, &address) ||
	    address.kind != NAME_PATH)
		return 0;
	memcpy(path, address.name, address.name_size);
	path[address.name_size] = '\0';
	err = walk(v, AT_FDCWD, path, &rules, object);
	if (err)
		return err;
	out->mode = object->stat.st_mode;
	names_of_socket(c, object, out);
	return 0;
}

int find_subject(const struct view *v, const struct deep_call *c, struct found *object,
		 struct subject *out)
{
	struct walk_rules rules = rules_of_open(c);
	int err;

	*object = (struct found){ .fd = -1, .parent = -1 };
	if (c->shape->kind != KIND_OPEN)
		return find_socket(v, c, object, out);
	err = walk(v, c->dirfd, c->path, &rules, object);
	*out = (struct subject){ .path = object->path, .mode = object->stat.st_mode };
	names_of_open(object, out);
	return err;
}

static struct policy_verdict judge_with(const struct policy *p, const struct deep_call *c,
					const struct subject *s, const char *protocol)
{
	struct facts f = { .number = c->held.number,
			   .caller = c->tgid,
			   .flags = c->shape->kind == KIND_OPEN ? c->how.flags : 0,
			   .protocol = protocol };
	int at = c->shape->kind == KIND_CLONE3 ? 0 : c->shape->how;

	memcpy(f.args, c->held.args, sizeof(f.args));
	if (s->path) {
		f.deep[(int)c->shape->path].bytes = (const unsigned char *)s->path;
		f.deep[(int)c->shape->path].size = strlen(s->path);
		f.deep[(int)c->shape->path].present = true;
		f.deep[(int)c->shape->path].mode = s->mode;
	}
	if (s->address) {
		f.deep[c->address_arg].bytes = s->address;
		f.deep[c->address_arg].size = s->address_size;
		f.deep[c->address_arg].present = true;
		f.deep[c->address_arg].mode = s->mode;
	}
	if (at != NO_ARG) {
		f.deep[at].bytes = c->bytes;
		f.deep[at].size = c->size;
		f.deep[at].present = true;
	}
	return policy_judge(p, &f);
}

struct policy_verdict judge_call(const struct policy *p, const struct deep_call *c,
				 const struct subject *s)
{
	bool six, asks = p->judge && c->has_address;

	return judge_with(p, c, s, asks ? endpoint_protocol(c->held.tid, c->fd, &six) : NULL);
}

struct policy_verdict judge_call_of(const struct policy *p, const struct deep_call *c,
				    const struct subject *s, int socket)
{
	bool six;

	return judge_with(p, c, s, endpoint_protocol(getpid(), socket, &six));
}

static void describe_name(const struct address *a, char *out, size_t size)
{
	size_t n = a->name_size;

	if (a->kind == NAME_NONE)
		snprintf(out, size, "unix:");
	else if (a->kind == NAME_PATH)
		snprintf(out, size, "unix:%.*s", (int)n, (const char *)a->name);
	else
		snprintf(out, size, "unix:@%.*s", (int)(n - 1), (const char *)a->name + 1);
}

/* For people, in events. */
static const char *describe(const struct subject *s, char *out, size_t size)
{
	struct sockaddr_in6 in6 = { 0 };
	struct sockaddr_in in = { 0 };
	char text[INET6_ADDRSTRLEN];
	struct address a;

	if (s->path)
		return s->path;
	if (!s->address || !decode_address(&layout_own, s->address, s->address_size, &a))
		return "";
	memcpy(&in, s->address, s->address_size < sizeof(in) ? s->address_size : sizeof(in));
	memcpy(&in6, s->address, s->address_size < sizeof(in6) ? s->address_size : sizeof(in6));
	if (a.family == AF_UNIX)
		describe_name(&a, out, size);
	else if (a.family == AF_INET && inet_ntop(AF_INET, &in.sin_addr, text, sizeof(text)))
		snprintf(out, size, "inet:%s:%u", text, (unsigned)ntohs(in.sin_port));
	else if (a.family == AF_INET6 && inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof(text)))
		snprintf(out, size, "inet6:[%s]:%u", text, (unsigned)ntohs(in6.sin6_port));
	else
		snprintf(out, size, "family:%u", a.family);
	return out;
}

void judge_say(struct warden *w, const struct deep_call *c, const struct subject *s,
	       const struct policy_verdict *v)
{
	static char room[PATH_MAX + 16];
	const struct args none = { 0 };

	events_judged(&w->events, c->tgid, v->action == POLICY_ALLOW, v->line,
		      describe(s, room, sizeof(room)), &none);
}

void judge_refuse(struct warden *w, const struct deep_call *c, const struct subject *s,
		  const struct policy_verdict *v)
{
	int err;

	judge_say(w, c, s, v);
	if (v->action == POLICY_KILL && w->backend->valid(w, &c->held) && !kill(c->tgid, SIGKILL))
		events_killed(&w->events, c->tgid, "the policy says so");
	err = w->backend->refuse(w, &c->held, v->action == POLICY_ERRNO ? v->error : EPERM);
	if (err && err != -ENOENT && !w->error)
		w->error = err;
}

void judge_hide(const struct policy *p, const struct view *v, struct policy_verdict *verdict)
{
	if (p->judge && verdict->action == POLICY_ERRNO && verdict->error != EACCES &&
	    !(v && view_is_its_own(v)))
		verdict->error = EACCES;
}

bool judge_and_refuse(struct warden *w, const struct view *v, const struct deep_call *c,
		      const struct subject *s)
{
	struct policy_verdict verdict;
	bool allowed;

	if (names_mislead(w->policy, c, s)) {
		judge_not(w, c, EPERM, ELSEWHERE);
		return false;
	}
	verdict = names_judge(w->policy, c, &s);
	judge_hide(w->policy, v, &verdict);
	allowed = verdict.action == POLICY_ALLOW;
	if (allowed)
		judge_say(w, c, s, &verdict);
	else
		judge_refuse(w, c, s, &verdict);
	return allowed;
}

void judge_moot(struct warden *w, const struct deep_call *c, int error)
{
	(void)w->backend->refuse(w, &c->held, error); /* fails only if the task is gone */
}

void judge_not(struct warden *w, const struct deep_call *c, int error, const char *reason)
{
	give_up(w, &c->held, c->tgid, error, reason);
}
