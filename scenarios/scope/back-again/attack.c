// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  who is watched by its namespace leaves that namespace, and is watched no more.
 * Steps:   a child unshares its UTS namespace, which puts it in scope, goes back to the initial one by
 *          setns(2), and makes calls: itself, in a child, in a thread, or after it has unshared and gone
 *          back once more. Or it has files opened by a thread of the kernel's, by io_uring.
 * Success: calls, or files, that the gated hook does not see.
 * Source:  igloo's scope, which is a comparison of two pointers.
 */
#include "broken.h"
#include "session.h"
#include "worker.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALLS 3

static const char *const shapes[] = { "self", "child", "thread", "twice", "worker", NULL };

static int home;
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

static void go_back(const struct session *s)
{
	if (!s->kit.honest && setns(home, CLONE_NEWUTS))
		kit_broken("setns");
}

static void have_files_opened(void)
{
	struct worker *worker = worker_begin();

	if (!worker)
		kit_broken("worker");
	for (int i = 0; i < CALLS; i++)
		worker_open(worker, "/dev/null");
}

static int work(struct session *s, void *context)
{
	pthread_t thread;

	(void)context;
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
		pid_t pid = fork();

		if (pid < 0)
			kit_broken("fork");
		if (pid == 0) {
			call();
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	} else if (files) {
		have_files_opened();
	} else {
		call();
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct session_of of;
	struct pf_hook hook;
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	home = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
	if (home < 0)
		kit_broken("/proc/self/ns/uts");
	files = kit_shape_is(&s.kit, "worker") && s.hooks.info.kinds & 1ull << PF_OPEN &&
		worker_begin();
	hook = hooks_all(files ? PF_OPEN : PF_CALL);
	if (!files)
		hook.number = SYS_getppid;
	hook.flags |= PF_SCOPED | PF_SCOPE_LATER;
	if (s.defended)
		hook.flags |= PF_SCOPE_KEPT;
	of = (struct session_of){ .hook = session_add(&s, &hook) };
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		call(); /* outside: not to be seen */
		session_child(&s, work, NULL);
		session_looked(n, CALLS, session_count(&s, session_is_of, &of));
	}
	hooks_close(&s.hooks);
	return 0;
}
