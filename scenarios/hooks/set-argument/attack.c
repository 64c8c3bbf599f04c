// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a hook that rewrites an argument rewrites the wrong half, the wrong register, or leaves its
 *          value behind in the caller's registers.
 * Steps:   a narrow argument (the mode of mkdirat), a wide one (the length of ftruncate64, a pair on
 *          32-bit arches), and one register looked at by its caller after the call.
 * Success: the call does something else than the hook said, or the caller finds its register changed.
 * Source:  rewriting by hooks on big-endian and for types narrower than a register.
 */
#include "broken.h"
#include "session.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PATH "/tmp/set-argument"

static const char *const shapes[] = { "narrow", "wide", "kept", NULL };

static const struct pf_parameter mode = { 2, 2, 0, 0 }, count = { 2, sizeof(long), 0, 0 };
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

/* Four bytes written instead of nine, and the caller's nine are still where it had them. */
static bool kept(bool set)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	long written, after;

	if (fd < 0)
		kit_broken("/dev/null");
#if defined(__x86_64__)
	__asm__ volatile("syscall"
			 : "=a"(written), "=d"(after)
			 : "0"((long)SYS_write), "D"((long)fd), "S"("ninebytes"), "1"(9l)
			 : "rcx", "r11", "memory");
#elif defined(__arm__)
	register long r7 __asm__("r7") = SYS_write;
	register long r0 __asm__("r0") = fd;
	register const char *r1 __asm__("r1") = "ninebytes";
	register long r2 __asm__("r2") = 9;

	__asm__ volatile("svc 0" : "+r"(r0), "+r"(r2) : "r"(r7), "r"(r1) : "memory");
	written = r0;
	after = r2;
#elif defined(__mips__)
	register long v0 __asm__("$2") = SYS_write;
	register long a0 __asm__("$4") = fd;
	register const char *a1 __asm__("$5") = "ninebytes";
	register long a2 __asm__("$6") = 9;
	register long a3 __asm__("$7") = 0;

	__asm__ volatile("syscall"
			 : "+r"(v0), "+r"(a2), "+r"(a3)
			 : "r"(a0), "r"(a1)
			 : "$1", "$3", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15", "$24",
			   "$25", "hi", "lo", "memory");
	written = v0;
	after = a2;
#else
	written = write(fd, "ninebytes", 9);
	after = 9;
#endif
	close(fd);
	return written == (set ? 4 : 9) && after == 9;
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
	} else {
		hook->number = SYS_write;
		hook->parameters[2] = count;
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
						       : kept(set);
		session_remove(&s, of.hook);
		session_judged(n, right, set, session_count(&s, session_is_of, &of));
	}
	hooks_close(&s.hooks);
	return 0;
}
