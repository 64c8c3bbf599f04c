// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  who is watched by its namespace leaves that namespace, and is watched no more.
 * Steps:   a child unshares its UTS namespace, which puts it in scope, goes back to the initial one by
 *          setns(2), and makes calls: itself, in a child, in a thread, in another image, or after it has
 *          unshared and gone back once more. Or it has files opened by a thread of the kernel's, by io_uring.
 *          Or it comes into scope in another way, and makes calls there as well: born in a namespace
 *          (`cloned`), by setns(2) to somebody else's (`joined`), and from its own on to that (`between`).
 * Success: calls, or files, that the gated hook does not see.
 * Source:  igloo's scope, which is a comparison of two pointers.
 */
#include "broken.h"
#include "session.h"
#include "worker.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALLS 3

static const char *const shapes[] = { "self", "child",	"thread", "twice",   "worker",
				      "exec", "cloned", "joined", "between", NULL };

static const char again[] = "--calls-only"; /* of the image that comes after */

static int home, elsewhere;
/* Of shape `worker`, where the kernel has such threads and hooks on files; else it is as `self`. */
static bool files;

static void call(void)
{
	for (int i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
}

static void *call_in_thread(void *unused)
{
	call();
	return unused;
}

static void leave(void)
{
	if (unshare(CLONE_NEWUTS))
		kit_broken("unshare");
}

static void go_to(int namespace)
{
	if (setns(namespace, CLONE_NEWUTS))
		kit_broken("setns");
}

static void go_back(const struct session *s)
{
	if (!s->kit.honest)
		go_to(home);
}

static int open_own(void)
{
	int fd = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		kit_broken("/proc/self/ns/uts");
	return fd;
}

/* Born in a namespace of its own, so that it has never been out of scope. */
static pid_t fork_inside(void)
{
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWUTS | SIGCHLD, 0, 0, 0, 0);

	if (pid < 0)
		kit_broken("clone");
	return pid;
}

static void await(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || status)
		kit_broken("child");
}

/* Calls where it came in, which are seen anyhow, and after it has left. */
static void call_and_leave(const struct session *s)
{
	call();
	go_back(s);
	call();
}

static void have_files_opened(void)
{
	struct worker *worker = worker_begin();

	if (!worker)
		kit_broken("worker");
	for (int i = 0; i < CALLS; i++)
		worker_open(worker, "/dev/null");
}

/* The new image does nothing else. */
static _Noreturn void call_in_image(char *path)
{
	char word[sizeof(again)], *argv[] = { path, word, NULL };

	memcpy(word, again, sizeof(again));
	execv("/proc/self/exe", argv);
	kit_broken("exec");
}

static void call_in_child(const struct session *s, bool inside)
{
	pid_t pid = inside ? fork_inside() : fork();

	if (pid < 0)
		kit_broken("fork");
	if (pid == 0) {
		if (inside)
			call_and_leave(s);
		else
			call();
		_exit(0);
	}
	await(pid);
}

/* The other ways in. */
static bool came_otherwise(const struct session *s)
{
	bool between = kit_shape_is(&s->kit, "between");

	if (kit_shape_is(&s->kit, "cloned")) {
		call_in_child(s, true);
		return true;
	}
	if (!between && !kit_shape_is(&s->kit, "joined"))
		return false;
	if (between)
		leave();
	go_to(elsewhere);
	call_and_leave(s);
	return true;
}

static int work(struct session *s, void *context)
{
	pthread_t thread;

	if (came_otherwise(s))
		return 0;
	leave();
	go_back(s);
	if (kit_shape_is(&s->kit, "twice")) {
		leave();
		go_back(s);
	}
	if (kit_shape_is(&s->kit, "thread")) {
		if (pthread_create(&thread, NULL, call_in_thread, NULL) ||
		    pthread_join(thread, NULL))
			kit_broken("thread");
	} else if (kit_shape_is(&s->kit, "child")) {
		call_in_child(s, false);
	} else if (kit_shape_is(&s->kit, "exec")) {
		call_in_image(context);
	} else if (files) {
		have_files_opened();
	} else {
		call();
	}
	return 0;
}

int main(int argc, char **argv)
{
	unsigned wanted = CALLS;
	struct session_of of;
	struct pf_hook hook;
	struct session s;

	if (argc == 2 && !strcmp(argv[1], again)) {
		call();
		return 0;
	}
	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	home = open_own();
	/* Before there is a hook: this one is not to be in scope. */
	leave();
	elsewhere = open_own();
	go_to(home);
	files = kit_shape_is(&s.kit, "worker") && s.hooks.info.kinds & 1ull << PF_OPEN &&
		worker_begin();
	if (kit_shape_is(&s.kit, "cloned") || kit_shape_is(&s.kit, "joined") ||
	    kit_shape_is(&s.kit, "between"))
		wanted += CALLS;
	hook = hooks_all(files ? PF_OPEN : PF_CALL);
	if (!files)
		hook.number = SYS_getppid;
	hook.flags |= PF_SCOPED | PF_SCOPE_LATER;
	if (s.defended)
		hook.flags |= PF_SCOPE_KEPT;
	of = (struct session_of){ .hook = session_add(&s, &hook) };
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		call(); /* outside: not to be seen */
		session_child(&s, work, argv[0]);
		session_looked(n, wanted, session_count(&s, session_is_of, &of));
	}
	hooks_close(&s.hooks);
	return 0;
}
