// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a module that is unloaded while its probes run leaves somebody in code that is gone.
 * Steps:   processes make calls, fork and end without pause; meanwhile hooks of every kind come and go,
 *          and the module is unloaded and loaded anew, again and again.
 * Success: the kernel dies, the module does not unload, or the hooks of the next one miss something.
 * Source:  unregistering while a handler is in flight.
 */
#include "broken.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MODULE	"/lib/modules/photofinish.ko"
#define WORKERS 3
#define ROUNDS	4
#define CALLS	50

static const char *const shapes[] = { "plain", NULL };

static pid_t start_worker(struct session *s)
{
	int closed[2];
	char byte;
	pid_t pid;

	if (pipe2(closed, O_CLOEXEC))
		kit_broken("pipe");
	pid = kit_fork(&s->kit);
	if (pid == 0) {
		hooks_close(&s->hooks); /* else the session would be its as well */
		close(closed[0]);
		close(closed[1]);
	}
	if (pid) { /* until then it has the session */
		close(closed[1]);
		if (read(closed[0], &byte, 1) || close(closed[0]))
			kit_broken("worker");
	}
	while (pid == 0) {
		pid_t child = fork();

		if (child == 0)
			_exit((int)syscall(SYS_getppid) & 1);
		if (child > 0)
			waitpid(child, NULL, 0);
		for (int i = 0; i < CALLS; i++)
			syscall(SYS_getppid);
	}
	return pid;
}

static void add_all(struct session *s)
{
	for (int kind = PF_CALL; kind < PF_KINDS; kind++) {
		struct pf_hook hook = hooks_all(kind);

		session_add(s, &hook);
		hook.flags |= PF_SCOPED | PF_SCOPE_KEPT | PF_SCOPE_LATER;
		session_add(s, &hook);
	}
}

static bool unload(void)
{
	return syscall(SYS_delete_module, "photofinish", O_NONBLOCK) == 0;
}

static void load(void)
{
	int fd = open(MODULE, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		kit_broken(MODULE);
	close(fd);
}

static void reopen(struct session *s)
{
	int err = hooks_open(&s->hooks, PF_RING_LEAST);

	if (err) {
		errno = -err;
		kit_broken("/dev/photofinish");
	}
}

/* Under `off` the session stays open, and an open session keeps its module. */
static bool change_modules(struct session *s)
{
	bool gone = true;

	for (int i = 0; i < ROUNDS; i++) {
		add_all(s);
		kit_sleep_ns(kit_below(&s->kit, 3000000));
		if (s->defended)
			hooks_close(&s->hooks);
		if (!unload())
			gone = false;
		else
			load();
		if (!s->defended)
			hooks_close(&s->hooks);
		reopen(s);
	}
	return gone;
}

static unsigned see_calls(struct session *s)
{
	struct pf_hook hook = hooks_all(PF_CALL);
	struct session_of of = { .pid = getpid() };
	unsigned seen;

	hook.number = SYS_getpgid;
	of.hook = session_add(s, &hook);
	for (int i = 0; i < CALLS; i++)
		syscall(SYS_getpgid, 0);
	seen = session_count(s, session_is_of, &of);
	session_remove(s, of.hook);
	return seen;
}

int main(int argc, char **argv)
{
	pid_t workers[WORKERS];
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		unsigned busy = s.kit.honest ? 0 : WORKERS, seen;
		bool gone;

		for (unsigned i = 0; i < busy; i++)
			workers[i] = start_worker(&s);
		gone = change_modules(&s);
		seen = see_calls(&s);
		for (unsigned i = 0; i < busy; i++)
			if (kill(workers[i], SIGKILL) || waitpid(workers[i], NULL, 0) != workers[i])
				kit_broken("worker");
		session_judged(n, gone && seen == CALLS, CALLS, seen);
	}
	hooks_close(&s.hooks);
	return 0;
}
