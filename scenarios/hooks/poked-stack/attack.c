// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  the fifth and sixth argument of o32 are on the caller's stack, which others may write to after
 *          the kernel has copied them: who reads them there is told what nobody uses.
 * Steps:   a traced child maps the first page of a file, by mmap(2), whose last two arguments are the file
 *          and the page. Its tracer is told when the kernel has them, and pokes another file and another
 *          page where they were.
 * Success: a record, before the call or at its end, has what was poked; or that is what is mapped.
 * Source:  syscall_get_arguments() on mips, which reads the caller's memory anew.
 */
#include "broken.h"
#include "session.h"
#include "traced.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SP     29L
#define FIFTH  16
#define SIXTH  20
#define LETTER 'a'

#ifdef __mips__
#define MMAP SYS_mmap2
#else
#define MMAP (-1) /* the lab leaves such arches out */
#endif

static const char *const shapes[] = { "plain", NULL };

/* The last two arguments: the descriptor of a file, and the place in it, in units of 4096 bytes. */
struct words {
	unsigned long file, place;
};

static int make_file(const char *path, const char letters[2])
{
	long page = sysconf(_SC_PAGESIZE);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, 2 * page) || pwrite(fd, letters, 1, 0) != 1 ||
	    pwrite(fd, letters + 1, 1, page) != 1)
		kit_broken(path);
	return fd;
}

/* In the child: the letter that it gets. */
static int map(void *context)
{
	const struct words *w = context;
	long at = syscall(MMAP, NULL, sysconf(_SC_PAGESIZE), PROT_READ, MAP_PRIVATE, w->file,
			  w->place);

	return at == -1 ? 0 : *(const char *)(uintptr_t)at;
}

static char *stack_of(pid_t pid)
{
	long sp;

	errno = 0;
	sp = ptrace(PTRACE_PEEKUSER, pid, (void *)SP, NULL);
	if (errno)
		kit_broken("stack pointer");
	return (char *)(uintptr_t)sp;
}

static unsigned long peek(pid_t pid, char *at)
{
	long word;

	errno = 0;
	word = ptrace(PTRACE_PEEKDATA, pid, at, NULL);
	if (errno)
		kit_broken("peek");
	return (unsigned long)word;
}

static void poke(pid_t pid, char *at, unsigned long from, unsigned long to)
{
	if (peek(pid, at) != from) {
		errno = ENOMSG;
		kit_broken("argument");
	}
	if (ptrace(PTRACE_POKEDATA, pid, at, (void *)to))
		kit_broken("poke");
}

struct looks {
	const struct words *passed;
	struct session_of begins, ends;
};

static bool is_as_passed(const struct pf_record *record, const void *context)
{
	const struct looks *l = context;
	const struct pf_view *view = &((const struct pf_event *)(const void *)record)->view;

	return (session_is_of(record, &l->begins) || session_is_of(record, &l->ends)) &&
	       view->args[4] == l->passed->file && view->args[5] == l->passed->place;
}

static void try(struct session *s, unsigned n, const struct words *passed,
		const struct words *poked, struct looks *l)
{
	struct words words = *passed, found;
	unsigned seen;
	char *stack;
	int letter;
	pid_t pid;

	pid = traced_start(&s->kit, MMAP, map, &words);
	stack = stack_of(pid);
	if (!s->kit.honest) {
		poke(pid, stack + FIFTH, passed->file, poked->file);
		poke(pid, stack + SIXTH, passed->place, poked->place);
	}
	found = (struct words){ peek(pid, stack + FIFTH), peek(pid, stack + SIXTH) };
	letter = traced_end(pid);
	l->passed = passed;
	l->begins.pid = l->ends.pid = pid;
	seen = session_count(s, is_as_passed, l);
	if (!s->defended && (found.file != passed->file || found.place != passed->place))
		seen = 0; /* goes by what is there when it is told */
	session_judged(n, seen == 2 && letter == LETTER, 2, seen);
}

int main(int argc, char **argv)
{
	struct pf_hook begins = hooks_all(PF_CALL), ends = hooks_all(PF_RETURN);
	struct words passed = {}, poked;
	struct looks l = {};
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	passed.file = (unsigned long)make_file("/tmp/passed", (const char[]){ LETTER, 'b' });
	poked.file = (unsigned long)make_file("/tmp/poked", "cd");
	poked.place = (unsigned long)sysconf(_SC_PAGESIZE) / 4096;
	begins.number = ends.number = MMAP;
	l.begins.hook = session_add(&s, &begins);
	l.ends.hook = session_add(&s, &ends);
	for (unsigned n = 1; n <= s.kit.trials; n++)
		try(&s, n, &passed, &poked, &l);
	hooks_close(&s.hooks);
	return 0;
}
