// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a task has another number in each PID namespace that it is in: who takes one for the other is told
 *          of another task, or of none.
 * Steps:   a child in a PID namespace of its own makes a call and ends, and so does a thread of it. One hook is
 *          for the calls of whom its own namespace calls 1, one for those of the process that clone(2)
 *          returned, one for who ends.
 * Success: a call or an end of the two is not told, or with other numbers than clone, gettid(2) and /proc
 *          have; or anybody else is.
 * Source:  filters by process id that are written outside a container.
 */
#include "broken.h"
#include "session.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const shapes[] = { "plain", NULL };

/* --- the child and its thread -------------------------------------------------------------------------- */

struct child {
	int ready[2], go[2];
	pid_t *vtids; /* of the two, by gettid(2); shared */
};

static void call(void)
{
	syscall(SYS_getpgid, 0);
}

static void *be_thread(void *context)
{
	const struct child *c = context;
	char byte = 'r';

	c->vtids[1] = (pid_t)syscall(SYS_gettid);
	if (write(c->ready[1], &byte, 1) != 1 || read(c->go[0], &byte, 1) != 1)
		kit_broken("thread");
	call();
	return NULL;
}

static _Noreturn void be_child(struct child *c)
{
	pthread_t thread;

	c->vtids[0] = (pid_t)syscall(SYS_gettid);
	if (pthread_create(&thread, NULL, be_thread, c) || pthread_join(thread, NULL))
		kit_broken("thread");
	call();
	_exit(0);
}

static pid_t start(const struct session *s, struct child *c)
{
	long flags = SIGCHLD | (s->kit.honest ? 0 : CLONE_NEWPID);
	char byte;
	pid_t pid;

	if (pipe(c->ready) || pipe(c->go))
		kit_broken("pipe");
	pid = (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);
	if (pid == 0)
		be_child(c);
	if (pid < 0)
		kit_broken("clone");
	if (read(c->ready[0], &byte, 1) != 1)
		kit_broken("child");
	return pid;
}

static void end(const struct child *c, pid_t pid)
{
	int status;

	if (write(c->go[1], "g", 1) != 1 || waitpid(pid, &status, 0) != pid || status)
		kit_broken("child");
	for (int i = 0; i < 2; i++)
		if (close(c->ready[i]) || close(c->go[i]))
			kit_broken("pipe");
}

/* The one thread of it that does not lead it. */
static pid_t thread_of(pid_t pid)
{
	const struct dirent *entry;
	pid_t found = 0;
	char path[32];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (tid > 0 && tid != pid)
			found = tid;
	}
	if (!found || closedir(dir))
		kit_broken(path);
	return found;
}

/* --- who is told ---------------------------------------------------------------------------------------- */

enum { BY_VPID, BY_PID, AT_END, HOOKS };

struct looks {
	int hooks[HOOKS];
	pid_t pid, vpid;
	pid_t tids[2], *vtids; /* of the child and of its thread */
	unsigned told[HOOKS][2], others;
};

static bool is_told(const struct pf_record *record, const void *context)
{
	struct looks *l = (struct looks *)(uintptr_t)context;
	const struct pf_event *event = (const void *)record;
	const struct pf_view *v = &event->view;

	for (int h = 0; h < HOOKS; h++)
		for (int i = 0; i < 2; i++)
			if (record->kind < PF_KINDS && event->hook == (uint32_t)l->hooks[h] &&
			    v->pid == (uint32_t)l->pid && v->vpid == (uint32_t)l->vpid &&
			    v->tid == (uint32_t)l->tids[i] && v->vtid == (uint32_t)l->vtids[i]) {
				l->told[h][i]++;
				return true;
			}
	l->others++;
	return false;
}

#define LENGTH 4

static int add(struct session *s, enum pf_kind kind, unsigned field, pid_t value)
{
	const struct sock_filter program[LENGTH] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, field),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)value, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct pf_hook hook = hooks_all(kind);

	if (kind == PF_CALL)
		hook.number = SYS_getpgid;
	strcpy(hook.comm, "whose");
	session_give(&hook, program, LENGTH);
	return session_add(s, &hook);
}

/* Without what the claim rests on, the one number is taken for the other. */
static void add_hooks(struct session *s, struct looks *l)
{
	const unsigned pid = offsetof(struct pf_view, pid), vpid = offsetof(struct pf_view, vpid);

	l->hooks[BY_VPID] = add(s, PF_CALL, s->defended ? vpid : pid, l->vpid);
	l->hooks[BY_PID] = add(s, PF_CALL, s->defended ? pid : vpid, l->pid);
	l->hooks[AT_END] = add(s, PF_EXIT, s->defended ? vpid : pid, l->vpid);
}

static void try(struct session *s, unsigned n, struct child *c)
{
	struct looks l = { .vtids = c->vtids };
	bool right = true;
	unsigned seen;

	l.pid = l.tids[0] = start(s, c);
	l.vpid = s->kit.honest ? l.pid : 1;
	l.tids[1] = thread_of(l.pid);
	add_hooks(s, &l);
	call(); /* which is nobody's that is asked for */
	end(c, l.pid);
	seen = session_count(s, is_told, &l);
	for (int h = 0; h < HOOKS; h++) {
		right = right && l.told[h][0] == 1 && l.told[h][1] == 1;
		session_remove(s, l.hooks[h]);
	}
	session_judged(n, right && !l.others && c->vtids[0] == l.vpid, 2 * HOOKS, seen);
}

int main(int argc, char **argv)
{
	struct session s;
	struct child c;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	c.vtids = kit_shared(2 * sizeof(*c.vtids));
	for (unsigned n = 1; n <= s.kit.trials; n++)
		try(&s, n, &c);
	hooks_close(&s.hooks);
	return 0;
}
