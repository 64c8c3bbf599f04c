// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  what a hook does to a call is done at the place that another arch, or another of its ABIs, has for
 *          it: each has its own six for arguments, and o32 the last two on a stack.
 * Steps:   mmap(2), which uses all six, in one of the ways that there are; one of them is another by a hook's
 *          word, whichever comes up. Or the call is not to be made. Or getppid(2) has another result.
 * Success: anything else is mapped than the hook said, or the caller gets another result, or finds its
 *          registers changed.
 * Source:  tables of registers, of which most calls use the first three.
 */
#include "broken.h"
#include "session.h"
#include "ways.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define I386_GETPPID 64
#define I386_MMAP2   192
#ifdef SYS_mmap2
#define MMAP	 SYS_mmap2
#define IN_PAGES true /* is where in the file, of 4096 bytes each */
#else
#define MMAP	 SYS_mmap
#define IN_PAGES false
#endif
#ifndef MAP_32BIT
#define MAP_32BIT 0 /* all of it is */
#endif

#define ROOM	8u /* pages */
#define ASIDE	4u
#define NOTHING '.'
#define VALUE	123456

static const char *const shapes[] = { "direct",		 "direct-result", "int80",
				      "int80-result",	 "int80-skip",	  "x32",
				      "x32-result",	 "x32-skip",	  "indirect",
				      "indirect-result", "indirect-skip", NULL };

struct lab {
	struct session s;
	enum way way;
	size_t page;
	char *room;
	int own, other; /* files of two pages: a and b; c and d */
	int copy;
};

static int make_file(const struct lab *l, const char *path, const char letters[2])
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, (off_t)(2 * l->page)) || pwrite(fd, letters, 1, 0) != 1 ||
	    pwrite(fd, letters + 1, 1, (off_t)l->page) != 1)
		kit_broken(path);
	return fd;
}

/* Below 4 GiB, where every ABI gets to. */
static void make_room(struct lab *l)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | (l->room ? MAP_FIXED : MAP_32BIT);
	char *at = mmap(l->room, ROOM * l->page, PROT_READ | PROT_WRITE, flags, -1, 0);

	if (at == MAP_FAILED)
		kit_broken("mmap");
	for (size_t i = 0; i < ROOM; i++)
		at[i * l->page] = NOTHING;
	l->room = at;
}

/* The second page of a file, as the call wants to be told. */
static unsigned long second_page(const struct lab *l)
{
	return IN_PAGES || l->way == WAY_INT80 ? l->page / 4096 : l->page;
}

/* What comes of the call: its result, and how the room looks then. */
struct outcome {
	unsigned long result;
	char pages[ROOM];
	bool writable;
};

/* By the kernel: what was mapped instead may have nothing there. */
static char letter_at(const struct lab *l, const char *at)
{
	char letter;

	if (pwrite(l->copy, at, 1, 0) != 1)
		return '!';
	if (pread(l->copy, &letter, 1, 0) != 1)
		kit_broken("copy");
	return letter;
}

static struct outcome look(const struct lab *l, long result)
{
	struct outcome o = { .result = (unsigned long)result };

	for (size_t i = 0; i < ROOM; i++)
		o.pages[i] = letter_at(l, l->room + i * l->page);
	o.writable = pread(l->other, l->room, 1, 0) == 1;
	if (!o.writable && errno != EFAULT)
		kit_broken("pread");
	return o;
}

static bool is_same(const struct outcome *a, const struct outcome *b)
{
	return a->result == b->result && !memcmp(a->pages, b->pages, ROOM) &&
	       a->writable == b->writable;
}

/* What is wanted if argument `i` is the hook's, and what that is; with 6 none is. */
static struct outcome set(const struct lab *l, unsigned i, unsigned long *to)
{
	struct outcome o = { .result = (unsigned long)l->room };

	memset(o.pages, NOTHING, ROOM);
	o.pages[0] = 'a';
	switch (i) {
	case 0:
		*to = o.result = (unsigned long)l->room + ASIDE * l->page;
		o.pages[0] = NOTHING;
		o.pages[ASIDE] = 'a';
		o.writable = true;
		break;
	case 1:
		*to = 2 * l->page;
		o.pages[1] = 'b';
		break;
	case 2:
		*to = PROT_READ | PROT_WRITE;
		o.writable = true;
		break;
	case 3:
		*to = MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS;
		o.pages[0] = 0;
		break;
	case 4:
		*to = (unsigned long)l->other;
		o.pages[0] = 'c';
		break;
	case 5:
		*to = second_page(l);
		o.pages[0] = 'b';
		break;
	}
	return o;
}

static struct outcome skipped(const struct lab *l)
{
	struct outcome o = { .result = (unsigned long)-EXDEV, .writable = true };

	(void)l;
	memset(o.pages, NOTHING, ROOM);
	return o;
}

static struct pf_hook hook_on(const struct lab *l, enum pf_kind kind, int number, int i386)
{
	struct pf_hook hook = hooks_all(kind);

	hook.number = way_number(l->way, number, i386);
	hook.abi = way_abi(l->way, &l->s);
	strcpy(hook.comm, l->s.kit.honest ? "every-plac" : "every-place");
	return hook;
}

/* Makes the call under the hook alone: its result, and whether the registers are the caller's own afterwards. */
static long call_under(struct lab *l, struct pf_hook *hook, const unsigned long arguments[6],
		       struct session_of *of, bool *kept)
{
	unsigned long registers[6];
	long result;

	if (!l->s.defended) {
		hook->deed = PF_DO_NOTHING;
		hook->index = 0;
		hook->value = 0;
	}
	memcpy(registers, arguments, sizeof(registers));
	*of = (struct session_of){ session_add(&l->s, hook), getpid() };
	result = way_call(l->way, hook->number, registers);
	session_remove(&l->s, of->hook);
	*kept = !memcmp(registers, arguments, sizeof(registers));
	return result;
}

static void try_mapping(struct lab *l, unsigned n)
{
	const unsigned long arguments[6] = {
		(unsigned long)l->room, l->page, PROT_READ, MAP_PRIVATE | MAP_FIXED,
		(unsigned long)l->own,	0
	};
	struct pf_hook hook = hook_on(l, PF_CALL, MMAP, I386_MMAP2);
	bool skip = strstr(l->s.kit.shape, "skip"), set_one = !skip, kept;
	unsigned char place = (unsigned char)(n % 6); /* each in its turn */
	struct outcome wanted, got;
	unsigned long to = 0;
	struct session_of of;

	wanted = skip ? skipped(l) : set(l, place, &to);
	hook.parameters[place] = (struct pf_parameter){
		.place = place,
		.bytes = l->way == WAY_INT80 ? 4 : sizeof(long),
	};
	hook.deed = set_one ? PF_DO_SET_ARGUMENT : PF_DO_FAIL;
	hook.index = set_one ? place : 0;
	hook.value = set_one ? (int64_t)to : EXDEV;
	if (l->s.kit.honest)
		wanted = set(l, 6, &to);
	got = look(l, call_under(l, &hook, arguments, &of, &kept));
	session_judged(n, kept && is_same(&got, &wanted), !l->s.kit.honest,
		       session_count(&l->s, session_is_of, &of));
}

static void try_result(struct lab *l, unsigned n)
{
	const unsigned long arguments[6] = { 1, 2, 3, 4, 5, 6 };
	struct pf_hook hook = hook_on(l, PF_RETURN, SYS_getppid, I386_GETPPID);
	long wanted = l->s.kit.honest ? getppid() : n % 2 ? VALUE : -ENOTUNIQ, got;
	struct session_of of;
	bool kept;

	hook.deed = PF_DO_SET_RESULT;
	hook.value = n % 2 ? VALUE : -ENOTUNIQ;
	got = call_under(l, &hook, arguments, &of, &kept);
	session_judged(n, kept && got == wanted, !l->s.kit.honest,
		       session_count(&l->s, session_is_of, &of));
}

int main(int argc, char **argv)
{
	struct lab l = { .page = (size_t)sysconf(_SC_PAGESIZE) };

	session_begin(&l.s, argc, argv, shapes, PF_RING_LEAST);
	l.way = way_of(&l.s.kit);
	l.own = make_file(&l, "/tmp/own", "ab");
	l.other = make_file(&l, "/tmp/other", "cd");
	l.copy = make_file(&l, "/tmp/copy", "..");
	for (unsigned n = 1; n <= l.s.kit.trials; n++) {
		if (strstr(l.s.kit.shape, "result")) {
			try_result(&l, n);
			continue;
		}
		make_room(&l);
		try_mapping(&l, n);
	}
	hooks_close(&l.s.hooks);
	return 0;
}
