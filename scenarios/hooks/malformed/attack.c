// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a configuration that is wrong is taken, or half of it, or takes the kernel down.
 * Steps:   hooks with one thing wrong each, for each thing there is; what sessions without rings are asked
 *          for; then hooks, programs and ioctls that were right but for some bytes or bits, at addresses
 *          that are not there as well; each in an order of the seed's.
 * Success: something of it is answered otherwise than it should be, a hook that was refused is there all
 *          the same, the module cannot be unloaded, or a hook that is right does not work afterwards.
 * Source:  the fuzzers of other kernel interfaces.
 */
#include "any-hook.h"
#include "broken.h"
#include "doings.h"
#include "module.h"
#include "session.h"
#include "wrong-hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RANDOM_TRIES 30
#define FRESH_STEPS  40
#define CALLS	     3
#define DEVICE	     "/dev/photofinish"
#define HOLD_NS	     1000000 /* more than any hook here holds for */

static const char *const shapes[] = { "plain", NULL };

static struct pf_hook good(void)
{
	struct pf_hook hook = hooks_all(PF_CALL);

	hook.number = SYS_getpgid;
	return hook;
}

static void forget_records(struct session *s)
{
	session_count(s, session_is_of, &(struct session_of){ 0 });
}

/* --- hooks with one thing wrong --------------------------------------------------------------------- */

/* Refused as it should be; the unspoilt one is not, which a control lane is for. */
static bool refuses(struct session *s, const struct wrong_hook *wrong)
{
	struct pf_hook tried = s->defended ? wrong->hook : good();
	int id;

	if (s->defended && wrong->program)
		tried.program = (uintptr_t)wrong->program;
	id = hooks_add(&s->hooks, &tried);
	if (id > 0)
		session_remove(s, id);
	forget_records(s);
	if (id == -wrong->error && !strncmp(s->hooks.reason, wrong->reason, strlen(wrong->reason)))
		return true;
	dprintf(STDERR_FILENO, "not %d %s: %d %s\n", -wrong->error, wrong->reason, id,
		s->hooks.reason);
	return false;
}

static bool refuses_all(struct session *s)
{
	bool right = true;

	/* A step that has no divisor in common with a power of two comes by each of them. */
	unsigned places = 1, step = 1 + 2 * (unsigned)kit_below(&s->kit, 64), at;

	while (places < wrong_hooks_count)
		places *= 2;
	at = (unsigned)kit_below(&s->kit, places);
	for (unsigned i = 0; i < places && right; i++, at = (at + step) % places)
		if (at < wrong_hooks_count &&
		    !(s->hooks.info.abilities & wrong_hooks[at].unless_can))
			right = refuses(s, &wrong_hooks[at]);
	return right;
}

/* What lies behind the rings: the page that guards them, and nothing. */
static bool maps_nothing_behind(struct session *s)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const size_t end = (size_t)s->hooks.stride * s->hooks.info.cpus;

	for (size_t at = end - page; at <= end + page; at += page) {
		size_t bytes = at < end ? 2 * page : page;
		void *area = mmap(NULL, bytes, PROT_READ, MAP_SHARED, s->hooks.fd, (off_t)at);

		if (area == MAP_FAILED && errno == EINVAL)
			continue;
		dprintf(STDERR_FILENO, "%zu bytes at %zu of %zu are mapped\n", bytes, at, end);
		return false;
	}
	return true;
}

/* --- a session that is asked for anything, at first without rings -------------------------------------- */

struct fresh {
	int fd;
	bool has_rings;
	int id; /* of its hook; 0: it has none */
};

static int answer(int fd, unsigned long command, const void *at)
{
	int got = ioctl(fd, command, at);

	return got < 0 ? -errno : got;
}

static bool is_answered(const char *what, int got, int wanted)
{
	if (got == wanted)
		return true;
	dprintf(STDERR_FILENO, "%s: %d, not %d\n", what, got, wanted);
	return false;
}

static bool asks_for_rings(struct session *s, struct fresh *f)
{
	static const uint32_t wrong_bytes[] = {
		0,	  1,	     PF_RING_LEAST / 2, PF_RING_LEAST + 4096, PF_RING_MOST * 2,
		1u << 31, UINT32_MAX
	};
	struct pf_rings rings = { .version = PF_VERSION, .data_bytes = PF_RING_LEAST };
	int wanted = -EINVAL;

	switch (kit_below(&s->kit, 8)) {
	case 0:
		rings.version += kit_one_in(&s->kit, 2) ? 1 : UINT32_MAX;
		break;
	case 1:
		rings.stride = (uint32_t)kit_random(&s->kit) | 1;
		break;
	case 2:
		rings.zero = (uint32_t)kit_random(&s->kit) | 1;
		break;
	case 3:
		return is_answered("rings nowhere", answer(f->fd, PF_IOC_RINGS, NULL), -EFAULT);
	case 4:
	case 5:
	case 6:
		rings.data_bytes <<= kit_below(&s->kit, 3);
		wanted = f->has_rings ? -EBUSY : 0;
		f->has_rings = true;
		break;
	default:
		rings.data_bytes = wrong_bytes[kit_below(&s->kit, sizeof(wrong_bytes) /
									  sizeof(wrong_bytes[0]))];
		wanted = f->has_rings ? -EBUSY : -EINVAL;
		break;
	}
	return is_answered("rings", answer(f->fd, PF_IOC_RINGS, &rings), wanted);
}

static bool adds(struct fresh *f)
{
	struct pf_hook hook = good();
	int id = answer(f->fd, PF_IOC_ADD, &hook);

	if (!f->has_rings)
		return is_answered("add without rings", id, -ENXIO);
	if (f->id &&
	    !is_answered("remove", answer(f->fd, PF_IOC_REMOVE, (void *)(uintptr_t)f->id), 0))
		return false;
	f->id = id > 0 ? id : 0;
	return is_answered("add", id < 0 ? id : 0, 0);
}

static bool removes(struct session *s, struct fresh *f)
{
	int id = kit_one_in(&s->kit, 2) ? f->id : (int)kit_below(&s->kit, INT_MAX);
	int wanted = id && id == f->id ? 0 : -ENOENT;

	if (!wanted)
		f->id = 0;
	return is_answered("remove", answer(f->fd, PF_IOC_REMOVE, (void *)(uintptr_t)id), wanted);
}

static bool counts(struct session *s, const struct fresh *f)
{
	bool own = kit_one_in(&s->kit, 2), spoilt = kit_one_in(&s->kit, 4);
	struct pf_counts asked = { .hook = own ? (uint32_t)f->id : (uint32_t)kit_random(&s->kit),
				   .zero = spoilt };
	int wanted = asked.hook && asked.hook == (uint32_t)f->id ? 0 : -ENOENT;

	return is_answered("counts", answer(f->fd, PF_IOC_COUNTS, &asked),
			   spoilt ? -EINVAL : wanted);
}

static bool maps(const struct fresh *f)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *area = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, f->fd, 0);
	int err = area == MAP_FAILED ? -errno : 0;

	if (!err && munmap(area, page))
		kit_broken("munmap");
	return is_answered("map", err, f->has_rings ? 0 : -ENXIO);
}

static bool polls(const struct fresh *f)
{
	struct pollfd p = { .fd = f->fd, .events = POLLIN };

	if (poll(&p, 1, 0) < 0)
		kit_broken("poll");
	return is_answered("poll", p.revents & POLLERR, f->has_rings ? 0 : POLLERR);
}

static bool asks_anything(struct session *s, struct fresh *f)
{
	struct pf_info info;

	switch (kit_below(&s->kit, 8)) {
	case 0:
		return adds(f);
	case 1:
		return removes(s, f);
	case 2:
		return counts(s, f);
	case 3:
		return maps(f);
	case 4:
		return polls(f);
	case 5:
		return is_answered("info", answer(f->fd, PF_IOC_INFO, &info), 0) &&
		       is_answered("info of", (int)info.version, PF_VERSION);
	case 6:
		return is_answered("unknown", answer(f->fd, _IO(PF_IOC, 5), NULL), -ENOTTY);
	default:
		return asks_for_rings(s, f);
	}
}

/* What is left of it goes with it. */
static bool answers_fresh(struct session *s)
{
	struct fresh f = { .fd = open(DEVICE, O_RDWR | O_CLOEXEC) };
	bool right = true;

	if (f.fd < 0)
		kit_broken(DEVICE);
	for (int i = 0; i < FRESH_STEPS && right; i++)
		right = asks_anything(s, &f);
	if (close(f.fd))
		kit_broken(DEVICE);
	return right;
}

/* --- what was right but for some bytes ---------------------------------------------------------------- */

/* No structure lies there, or only the beginning of one. */
static void *nowhere(struct kit *kit)
{
	static uint8_t *end;
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (!end) {
		end = (uint8_t *)kit_shared(2 * page) + page;
		if (mprotect(end, page, PROT_NONE))
			kit_broken("mprotect");
	}
	switch (kit_below(kit, 4)) {
	case 0:
		return NULL;
	case 1:
		return (void *)(uintptr_t)-8;
	default:
		return end - kit_below(kit, sizeof(struct pf_rings));
	}
}

/* What was asked for and is refused is said to be wrong in one of these ways. */
static bool is_refusal(const struct hooks *hooks, int err)
{
	switch (-err) {
	case EINVAL:
	case EOPNOTSUPP:
	case ESRCH:
		if (hooks->reason[0])
			return true;
		break;
	case EFAULT:
		if (!strcmp(hooks->reason, "program: it cannot be read"))
			return true;
		break;
	case ENOSPC:
	case ENOMEM:
		return true;
	}
	dprintf(STDERR_FILENO, "a refusal: %d %s\n", err, hooks->reason);
	return false;
}

/* Of a session that has rings. */
static bool is_other_refusal(int err)
{
	if (err == -EINVAL || err == -EBUSY || err == -ENOENT)
		return true;
	dprintf(STDERR_FILENO, "an ioctl: %d\n", err);
	return false;
}

/* PF_IOC_ADD is tried with hooks that are less wrong. */
static bool try_ioctl(struct session *s)
{
	static const unsigned long commands[] = { PF_IOC_INFO, PF_IOC_RINGS, PF_IOC_COUNTS,
						  PF_IOC_REMOVE, PF_IOC_ADD };
	uint64_t which = kit_below(&s->kit, 5);
	unsigned long command = commands[which];
	union {
		struct pf_rings rings;
		struct pf_counts counts;
		uint8_t bytes[sizeof(struct pf_hook)];
	} asked = { .bytes = { 0 } };
	int got;

	if (kit_one_in(&s->kit, 4)) { /* another size, direction or number */
		command ^= 1ul << kit_below(&s->kit, 32);
		return is_answered("no command", answer(s->hooks.fd, command, &asked), -ENOTTY);
	}
	if (command != PF_IOC_REMOVE && (command == PF_IOC_ADD || kit_one_in(&s->kit, 4)))
		return is_answered("nowhere", answer(s->hooks.fd, command, nowhere(&s->kit)),
				   -EFAULT);
	if (command == PF_IOC_RINGS)
		asked.rings =
			(struct pf_rings){ .version = PF_VERSION, .data_bytes = PF_RING_LEAST };
	for (uint64_t flips = kit_below(&s->kit, 4); flips; flips--)
		asked.bytes[kit_below(&s->kit, sizeof(struct pf_rings))] ^=
			(uint8_t)(1u << kit_below(&s->kit, 8));
	got = answer(s->hooks.fd, command,
		     command == PF_IOC_REMOVE ? (void *)(uintptr_t)kit_random(&s->kit) : &asked);
	return command == PF_IOC_INFO ? is_answered("info", got, 0) : is_other_refusal(got);
}

/* A reader may write what it likes where `tail` is; it is put right again, or nothing more would come. */
static void call_with_tail(struct session *s, uint32_t wrong)
{
	struct pf_ring *ring = (struct pf_ring *)(void *)s->hooks.area;
	uint32_t tail = ring->tail;

	ring->tail = wrong;
	syscall(SYS_getppid);
	ring->tail = tail;
}

static bool try_map(struct session *s)
{
	size_t bytes = (size_t)kit_below(&s->kit, 64) << 12;
	off_t at = (off_t)kit_below(&s->kit, 64) << 12;
	int protection = PROT_READ | (kit_one_in(&s->kit, 2) ? PROT_WRITE : 0) |
			 (kit_one_in(&s->kit, 4) ? PROT_EXEC : 0);
	void *area = mmap(NULL, bytes, protection,
			  kit_one_in(&s->kit, 2) ? MAP_SHARED : MAP_PRIVATE, s->hooks.fd, at);

	if (area != MAP_FAILED && munmap(area, bytes))
		kit_broken("munmap");
	return true;
}

/* What is taken is given back. */
static bool try_hook(struct session *s)
{
	struct any_hook any;
	int id;

	any_hook(&s->kit, &s->hooks.info, &any);
	any_hook_spoil(&s->kit, &any);
	id = hooks_add(&s->hooks, &any.hook);
	if (id > 0) {
		call_with_tail(s, (uint32_t)kit_random(&s->kit));
		session_remove(s, id);
	}
	forget_records(s);
	return id > 0 || is_refusal(&s->hooks, id);
}

static bool stands_anything(struct session *s)
{
	bool right = answers_fresh(s);

	for (int i = 0; i < RANDOM_TRIES && right; i++)
		right = try_ioctl(s) && try_hook(s) && (!kit_one_in(&s->kit, 8) || try_map(s));
	return right;
}

/* ---------------------------------------------------------------------------------------------------- */

/* Any record at all: while that hook is the only one, others would be of hooks that were refused or removed. */
static bool is_event(const struct pf_record *record, const void *context)
{
	(void)context;
	return record->kind < PF_KINDS;
}

static unsigned see_calls(struct session *s)
{
	struct pf_hook hook = good();
	int id = session_add(s, &hook);
	unsigned seen;

	doings_all(&s->kit);
	for (int i = 0; i < CALLS; i++)
		syscall(SYS_getpgid, 0);
	seen = session_count(s, is_event, NULL);
	session_remove(s, id);
	return seen;
}

/* Nothing of all that keeps it, but a task that some hook held. */
static bool reloads(struct session *s)
{
	int err;

	hooks_close(&s->hooks);
	err = module_unload_after(HOLD_NS);
	if (!err)
		err = module_load("");
	session_reopen(s, PF_RING_LEAST);
	return is_answered("unload and load", err, 0);
}

int main(int argc, char **argv)
{
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		bool right = true;
		unsigned seen;

		if (!s.kit.honest)
			right = refuses_all(&s) && maps_nothing_behind(&s) && stands_anything(&s);
		seen = see_calls(&s);
		if (n == s.kit.trials)
			right = reloads(&s) && right && seen == CALLS;
		if (n == s.kit.trials && right)
			seen = see_calls(&s);
		session_judged(n, right && seen == CALLS, CALLS, seen);
	}
	hooks_close(&s.hooks);
	return 0;
}
