// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a hook that rewrites an argument rewrites the wrong half, the wrong register, or leaves its
 *          value behind in the caller's registers, or in those of who is born of the call.
 * Steps:   a narrow argument (the mode of mkdirat), a wide one (the length of ftruncate64, a pair on
 *          32-bit arches), and one register looked at by its caller after the call, and by a child that the
 *          call made; the same after a number that is no call's, whose end a kernel may not tell of.
 * Success: the call does something else than the hook said, the caller or its child finds its register
 *          changed, or the hook has counted something else.
 * Source:  rewriting by hooks on big-endian and for types narrower than a register.
 */
#include "broken.h"
#include "raw-call.h"
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

static const char *const shapes[] = { "narrow", "wide", "kept", "born", "none", NULL };

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

/* Four bytes written instead of nine, and the caller's nine are still where it had them. */
static bool kept(bool set)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	long count = 9, written;

	if (fd < 0)
		kit_broken("/dev/null");
	written = raw_call(SYS_write, fd, (long)"ninebytes", &count);
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
	pid = (pid_t)raw_call(SYS_clone, CLONE_PARENT_SETTID | SIGCHLD, 0, &place);
	if (pid == 0)
		_exit(place != (long)&asked);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		kit_broken("clone");
	return WIFEXITED(status) && !WEXITSTATUS(status) && place == (long)&asked &&
	       asked == (set ? 0 : pid) && other == (set ? pid : 0);
}

/* The third argument of number -1, which is no call's, becomes 4. */
static int add_for_none(struct session *s)
{
	static const struct sock_filter is_none[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct pf_view, number)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)-1, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct pf_hook hook = hooks_all(PF_CALL);

	hook.parameters[2] = whole;
	hook.deed = PF_DO_SET_ARGUMENT;
	hook.index = 2;
	hook.value = 4;
	session_give(&hook, is_none, sizeof(is_none) / sizeof(is_none[0]));
	return session_add(s, &hook);
}

/* Besides what `kept` asks: the register is the caller's after no call, and after the next one that is made there. */
static bool none(struct session *s, bool set)
{
	struct pf_hook hook = hooks_all(PF_RETURN);
	long first = 1234567, second = 7654321;
	int returns, calls;
	bool right;

	/* As long as somebody waits for ends, calls that have not ended are remembered. */
	hook.number = SYS_getppid;
	returns = session_add(s, &hook);
	calls = add_for_none(s);
	/* What comes of it is the kernel's own affair: ENOSYS, or a register that is left as it was. */
	raw_call(-1, 0, 0, &first);
	right = first == 1234567;
	session_remove(s, calls);
	right = raw_call(SYS_getsid, 0, 0, &second) >= 0 && second == 7654321 && right;
	session_remove(s, returns);
	return kept(set) && right;
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
	strcpy(hook.comm, s.kit.honest ? "set-argumen" : "set-argument");
	choose(&s, &hook);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		struct session_of of = { .pid = getpid() };
		bool set = !s.kit.honest, right;

		/* Reports are written as well: the hook is there for the one call alone. */
		of.hook = session_add(&s, &hook);
		right = kit_shape_is(&s.kit, "narrow") ? narrow(set)
			: kit_shape_is(&s.kit, "wide") ? wide(set)
			: kit_shape_is(&s.kit, "born") ? born(set)
			: kit_shape_is(&s.kit, "none") ? none(&s, set)
						       : kept(set);
		right = session_has_counted(&s, of.hook, set, set && s.defended) && right;
		session_remove(&s, of.hook);
		session_judged(n, right, set, session_count(&s, session_is_of, &of));
	}
	hooks_close(&s.hooks);
	return 0;
}
