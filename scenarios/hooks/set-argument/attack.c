// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a hook that rewrites an argument rewrites the wrong half, the wrong register, or leaves its
 *          value behind in the caller's registers, or in those of who is born of the call.
 * Steps:   a narrow argument (the mode of mkdirat), a wide one (the length of ftruncate64, a pair on
 *          32-bit arches), and one register looked at by its caller after the call, and by a child that the
 *          call made.
 * Success: the call does something else than the hook said, or the caller or its child finds its register
 *          changed.
 * Source:  rewriting by hooks on big-endian and for types narrower than a register.
 */
#include "broken.h"
#include "session.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH "/tmp/set-argument"

static const char *const shapes[] = { "narrow", "wide", "kept", "born", NULL };

static const struct pf_parameter mode = { 2, 2, 0, 0 }, whole = { 2, sizeof(long), 0, 0 };
#ifdef SYS_ftruncate64
static const struct pf_parameter length = { 2, 8, PF_PARAMETER_PAIR, 0 };
#define CALL_TRUNCATE SYS_ftruncate64
#else
static const struct pf_parameter length = { 1, 8, 0, 0 };
#define CALL_TRUNCATE SYS_ftruncate
#endif

/* The mode 0750 instead of 0700. */
static bool narrow(bool set)
{
	struct stat st;

	if (syscall(SYS_mkdirat, AT_FDCWD, PATH, 0700) || stat(PATH, &st) || rmdir(PATH))
		kit_broken(PATH);
	return (st.st_mode & 0777) == (set ? 0750 : 0700);
}

/* A length above 4 GiB instead of one byte. */
static bool wide(bool set)
{
	int fd = open(PATH, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct stat st;

	if (fd < 0 || ftruncate(fd, 1) || fstat(fd, &st) || unlink(PATH))
		kit_broken(PATH);
	close(fd);
	return st.st_size == (set ? 0x512345678ll : 1);
}

/* A call by its own instruction, and what the register of its third argument holds then. */
static long call(long number, long a, long b, long *c)
{
#if defined(__x86_64__)
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result), "+d"(*c)
			 : "0"(number), "D"(a), "S"(b)
			 : "rcx", "r11", "memory");
	return result;
#elif defined(__arm__)
	register long r7 __asm__("r7") = number;
	register long r0 __asm__("r0") = a;
	register long r1 __asm__("r1") = b;
	register long r2 __asm__("r2") = *c;

	__asm__ volatile("svc 0" : "+r"(r0), "+r"(r2) : "r"(r7), "r"(r1) : "memory");
	*c = r2;
	return r0;
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = *c;

	__asm__ volatile("svc 0" : "+r"(x0), "+r"(x2) : "r"(x8), "r"(x1) : "memory");
	*c = x2;
	return x0;
#elif defined(__mips__)
	register long v0 __asm__("$2") = number;
	register long a0 __asm__("$4") = a;
	register long a1 __asm__("$5") = b;
	register long a2 __asm__("$6") = *c;
	register long a3 __asm__("$7") = 0;

	__asm__ volatile("syscall"
			 : "+r"(v0), "+r"(a2), "+r"(a3)
			 : "r"(a0), "r"(a1)
			 : "$1", "$3", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15", "$24",
			   "$25", "hi", "lo", "memory");
	*c = a2;
	return a3 ? -v0 : v0;
#else
#error "which registers has a call here?"
#endif
}

/* Four bytes written instead of nine, and the caller's nine are still where it had them. */
static bool kept(bool set)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	long count = 9, written;

	if (fd < 0)
		kit_broken("/dev/null");
	written = call(SYS_write, fd, (long)"ninebytes", &count);
	close(fd);
	return written == (set ? 4 : 9) && count == 9;
}

static pid_t asked, other; /* where a child's number may be written */

/* Its number written elsewhere, and the caller's place is still where both it and the child had it. */
static bool born(bool set)
{
	long place = (long)&asked;
	int status;
	pid_t pid;

	asked = other = 0;
	pid = (pid_t)call(SYS_clone, CLONE_PARENT_SETTID | SIGCHLD, 0, &place);
	if (pid == 0)
		_exit(place != (long)&asked);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		kit_broken("clone");
	return WIFEXITED(status) && !WEXITSTATUS(status) && place == (long)&asked &&
	       asked == (set ? 0 : pid) && other == (set ? pid : 0);
}

static void choose(const struct session *s, struct pf_hook *hook)
{
	if (kit_shape_is(&s->kit, "narrow")) {
		hook->number = SYS_mkdirat;
		hook->parameters[2] = mode;
		hook->index = 2;
		hook->value = 0750;
	} else if (kit_shape_is(&s->kit, "wide")) {
		hook->number = CALL_TRUNCATE;
		hook->parameters[1] = length;
		hook->index = 1;
		hook->value = 0x512345678ll;
	} else if (kit_shape_is(&s->kit, "born")) {
		hook->number = SYS_clone;
		hook->parameters[2] = whole;
		hook->index = 2;
		hook->value = (long)&other;
	} else {
		hook->number = SYS_write;
		hook->parameters[2] = whole;
		hook->index = 2;
		hook->value = 4;
	}
	if (s->defended)
		hook->deed = PF_DO_SET_ARGUMENT;
	else
		hook->index = hook->value = 0;
}

int main(int argc, char **argv)
{
	struct pf_hook hook = hooks_all(PF_CALL);
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	umask(0);
	strcpy(hook.comm, s.kit.honest ? "somebody-else" : "set-argument");
	choose(&s, &hook);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		struct session_of of = { .pid = getpid() };
		bool set = !s.kit.honest, right;

		/* Reports are written as well: the hook is there for the one call alone. */
		of.hook = session_add(&s, &hook);
		right = kit_shape_is(&s.kit, "narrow") ? narrow(set)
			: kit_shape_is(&s.kit, "wide") ? wide(set)
			: kit_shape_is(&s.kit, "born") ? born(set)
						       : kept(set);
		session_remove(&s, of.hook);
		session_judged(n, right, set, session_count(&s, session_is_of, &of));
	}
	hooks_close(&s.hooks);
	return 0;
}
