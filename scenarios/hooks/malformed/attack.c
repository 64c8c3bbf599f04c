// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a configuration that is wrong is taken, or half of it, or takes the kernel down.
 * Steps:   a hook that is right but for one thing, for each thing there is; then hooks, programs and
 *          ioctls of random bytes, some at addresses that are not there.
 * Success: the wrong one is taken, or refused without a reason, or a hook that is right does not work
 *          afterwards.
 * Source:  the fuzzers of other kernel interfaces.
 */
#include "any-hook.h"
#include "broken.h"
#include "session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RANDOM_TRIES 50
#define CALLS	     3

static const char *const shapes[] = { "plain", NULL };

static struct sock_filter endless[2] = { BPF_STMT(BPF_JMP | BPF_JA, 5),
					 BPF_STMT(BPF_RET | BPF_K, 1) };
static struct sock_filter outside[2] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, sizeof(struct pf_view)),
					 BPF_STMT(BPF_RET | BPF_A, 0) };
static struct sock_filter unaligned[2] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2),
					   BPF_STMT(BPF_RET | BPF_A, 0) };
static struct sock_filter open_end[1] = { BPF_STMT(BPF_LD | BPF_IMM, 1) };
static struct sock_filter packet[2] = { BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
					BPF_STMT(BPF_RET | BPF_K, 1) };
static struct sock_filter memory[2] = { BPF_STMT(BPF_ST, BPF_MEMWORDS),
					BPF_STMT(BPF_RET | BPF_K, 1) };

#define WITH(hook, program) session_give(hook, program, sizeof(program) / sizeof((program)[0]))

/* One thing wrong; false when there are no more. */
static bool spoil(struct pf_hook *h, unsigned which)
{
	switch (which) {
	case 0:
		h->version++;
		return true;
	case 1:
		h->kind = 0;
		return true;
	case 2:
		h->kind = PF_KINDS;
		return true;
	case 3:
		h->flags |= 1u << 31;
		return true;
	case 4:
		h->flags |= PF_SCOPE_KEPT;
		return true;
	case 5:
		h->flags |= PF_SCOPED | PF_SCOPE_LATER | PF_SCOPE_HELPERS;
		return true;
	case 6:
		h->number = -2;
		return true;
	case 7:
		memset(h->comm, 'x', sizeof(h->comm));
		return true;
	case 8:
		h->parameters[0].bytes = 3;
		return true;
	case 9:
		h->parameters[5] = (struct pf_parameter){ PF_PLACES, 4, 0, 0 };
		return true;
	case 10:
		h->parameters[1] = (struct pf_parameter){ 2, 4, PF_PARAMETER_PAIR, 0 };
		return true;
	case 11:
		h->parameters[1] = (struct pf_parameter){ 7, 8, PF_PARAMETER_PAIR, 0 };
		return true;
	case 12:
		h->parameters[2].zero = 1;
		return true;
	case 13:
		h->parameters[2].flags = 8;
		return true;
	case 14:
		h->deed = 9;
		return true;
	case 15:
		h->deed = PF_DO_FAIL;
		return true;
	case 16:
		h->deed = PF_DO_FAIL;
		h->value = 1 << 20;
		return true;
	case 17:
		h->deed = PF_DO_SET_ARGUMENT;
		h->index = 3;
		return true;
	case 18:
		h->deed = PF_DO_SET_ARGUMENT;
		h->index = 77;
		return true;
	case 19:
		h->deed = PF_DO_SET_RESULT;
		return true;
	case 20:
		h->value = 1;
		return true;
	case 21:
		h->seed = 1; /* of what is not drawn */
		return true;
	case 22:
		h->length = 1;
		return true;
	case 23:
		h->program = 1;
		return true;
	case 24:
		h->program = (uintptr_t)endless;
		h->length = PF_PROGRAM_MOST + 1;
		return true;
	case 25:
		WITH(h, endless);
		return true;
	case 26:
		WITH(h, outside);
		return true;
	case 27:
		WITH(h, unaligned);
		return true;
	case 28:
		WITH(h, open_end);
		return true;
	case 29:
		WITH(h, packet);
		return true;
	case 30:
		WITH(h, memory);
		return true;
	case 31:
		h->kind = PF_EXEC;
		return true; /* which has no number */
	case 32:
		h->one_in = 2;
		return true;
	case 33:
		h->deed = PF_DO_NICE;
		h->value = 20;
		return true;
	case 34:
		h->kind = PF_EXIT;
		h->number = -1;
		h->deed = PF_DO_HOLD;
		return true;
	case 35:
		h->kind = PF_RETURN;
		h->deed = PF_DO_HOLD;
		h->value = PF_HOLD_MOST + 1;
		return true;
	case 36:
		h->kind = PF_RETURN;
		h->deed = PF_DO_YIELD;
		h->index = 1;
		return true;
	default:
		return false;
	}
}

static struct pf_hook good(void)
{
	struct pf_hook hook = hooks_all(PF_CALL);

	hook.number = SYS_getppid;
	return hook;
}

/* Refused with a reason, each; the unspoilt one is not, which a control lane is for. */
static bool refuses_all(struct session *s)
{
	struct pf_hook hook = good();

	for (unsigned which = 0; spoil(&hook, which); hook = good(), which++) {
		struct pf_hook tried = s->defended ? hook : good();
		int id = hooks_add(&s->hooks, &tried);

		if (id > 0)
			session_remove(s, id);
		session_count(s, session_is_of, &(struct session_of){ 0 });
		if (id == -EINVAL && s->hooks.reason[0])
			continue;
		dprintf(STDERR_FILENO, "hook %u: %d %s\n", which, id, s->hooks.reason);
		return false;
	}
	return true;
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

static void fill(struct kit *kit, void *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((uint8_t *)at)[i] = (uint8_t)kit_random(kit);
}

/* Whatever is said to these. */
static void try_ioctl(struct session *s)
{
	static const unsigned long commands[] = { PF_IOC_INFO, PF_IOC_RINGS, PF_IOC_ADD,
						  PF_IOC_REMOVE, PF_IOC_COUNTS };
	unsigned long command = commands[kit_below(&s->kit, 5)];
	uint8_t bytes[128];

	fill(&s->kit, bytes, sizeof(bytes));
	if (kit_one_in(&s->kit, 4)) /* another size, direction or number */
		command ^= 1ul << kit_below(&s->kit, 32);
	(void)ioctl(s->hooks.fd, command,
		    kit_one_in(&s->kit, 4) ? (void *)(uintptr_t)kit_random(&s->kit) : bytes);
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

static void try_map(struct session *s)
{
	size_t bytes = (size_t)kit_below(&s->kit, 64) << 12;
	off_t at = (off_t)kit_below(&s->kit, 64) << 12;
	int protection = PROT_READ | (kit_one_in(&s->kit, 2) ? PROT_WRITE : 0) |
			 (kit_one_in(&s->kit, 4) ? PROT_EXEC : 0);
	void *area = mmap(NULL, bytes, protection,
			  kit_one_in(&s->kit, 2) ? MAP_SHARED : MAP_PRIVATE, s->hooks.fd, at);

	if (area != MAP_FAILED && munmap(area, bytes))
		kit_broken("munmap");
}

/* What is taken is given back. */
static void try_hook(struct session *s)
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
	session_count(s, session_is_of, &(struct session_of){ 0 });
}

static void try_random(struct session *s)
{
	for (int i = 0; i < RANDOM_TRIES; i++) {
		try_ioctl(s);
		try_hook(s);
		if (kit_one_in(&s->kit, 8))
			try_map(s);
	}
}

static unsigned see_calls(struct session *s)
{
	struct pf_hook hook = good();
	struct session_of of = { .hook = session_add(s, &hook), .pid = getpid() };
	unsigned seen;

	for (int i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
	seen = session_count(s, session_is_of, &of);
	session_remove(s, of.hook);
	return seen;
}

int main(int argc, char **argv)
{
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		bool refused = s.kit.honest || (refuses_all(&s) && maps_nothing_behind(&s));
		unsigned seen;

		if (!s.kit.honest)
			try_random(&s);
		seen = see_calls(&s);
		session_judged(n, refused && seen == CALLS, CALLS, seen);
	}
	hooks_close(&s.hooks);
	return 0;
}
