// SPDX-License-Identifier: Apache-2.0
#include "tightness.h"

#include "../profile/confine.h"
#include "../profile/toml.h"
#include "../run.h"
#include "mutations.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* No errno (asm-generic/errno.h ends far below): it was not come to. */
#define UNTRIED INT32_MAX

/* A deed that waits for somebody is ended with who does it. */
#define TRY_SECONDS 20

#define SAID_MOST 20u

/* What a warden of ours ends with that has killed for a deed; it has no other such status. */
#define ENDED_FOR_IT 9

/* Shared with those who try, who may be allowed nothing but to write memory. */
struct table {
	uint32_t next;
	struct {
		int32_t freely, held;
	} result[MUTATIONS_MOST];
};

struct trying {
	const struct mutations *mutations;
	struct table *table;
	struct confinement *confinement;
};

static void try_all(struct trying *t, bool held)
{
	while (t->table->next < t->mutations->count) {
		uint32_t i = t->table->next++;
		const struct mutation *m = &t->mutations->at[i];
		int32_t *out = held ? &t->table->result[i].held : &t->table->result[i].freely;

		if (m->deed == DEED_RUN)
			*out = 0; /* if it is not refused nobody is left to say so */
		*out = mutation_try(m);
	}
	/* Before an _exit(2) sanitizers make calls that a profile does not list. */
	(void)syscall(SYS_exit_group, 0);
}

/* A launch_body. */
static void try_held(void *trying)
{
	struct trying *t = trying;

	/* The warden's own handler came along. */
	if (signal(SIGALRM, SIG_DFL) == SIG_ERR)
		_exit(1);
	alarm(TRY_SECONDS);
	confine_enter(t->confinement);
	try_all(t, true);
}

static void be_warden(struct trying *t)
{
	struct config config = { .guard = GUARD_STRICT,
				 .deep = DEEP_STRICT,
				 .track = TRACK_FORK,
				 .backend = BACKEND_TRACE,
				 .events_fd = -1 };
	struct start how = { try_held, t };
	struct run_result result;

	close(3); /* where events would go unasked (run.c) */
	run(&config, &t->confinement->policy, &how, &result);
	/* Nobody but the warden ends it with that signal; its own limit is another. */
	if (result.kind == RUN_ENDED && WIFSIGNALED(result.status) &&
	    WTERMSIG(result.status) == SIGKILL)
		_exit(ENDED_FOR_IT);
	_exit(result.kind == RUN_ENDED && WIFEXITED(result.status) ? 0 : 1);
}

/* What a process ended with, or -1. */
static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* What a program says that is run to see whether it can be is nobody's business. */
static void be_silent(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0)
		_exit(1);
}

/* In a process of its own, whatever becomes of it: what that ended with, or -1. */
static int start(struct trying *t, bool held)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
			_exit(1);
		if (held)
			be_warden(t);
		be_silent();
		alarm(TRY_SECONDS);
		try_all(t, false);
	}
	return pid > 0 ? wait_for(pid) : -1;
}

/* Who does not come to the end has done his last deed: another goes on behind it. */
static bool try_each(struct trying *t, bool held)
{
	struct table *table = t->table;

	table->next = 0;
	while (table->next < t->mutations->count) {
		uint32_t before = table->next;
		int status = start(t, held);

		if (status && table->next == before) /* nobody came so far as to try anything */
			return false;
		if (status == ENDED_FOR_IT)
			table->result[table->next - 1].held = EPERM;
	}
	return true;
}

static bool is_refusal(int result)
{
	return result == EPERM || result == EACCES || result == EXDEV || result == ENOSYS;
}

static void count(const struct trying *t, struct tightness *out)
{
	char line[PATH_MAX + 16];

	for (uint32_t i = 0; i < t->mutations->count; i++) {
		int freely = t->table->result[i].freely, held = t->table->result[i].held;
		enum tightness_kind kind = t->mutations->at[i].kind;

		/* What is refused anyhow says nothing of the profile. */
		if (freely == UNTRIED || is_refusal(freely))
			continue;
		out->tried[kind]++;
		/* What came to no answer was not refused. */
		if (is_refusal(held)) {
			out->refused[kind]++;
			continue;
		}
		mutation_say(&t->mutations->at[i], line, sizeof(line));
		if (out->let.count < SAID_MOST && toml_can(line, strlen(line)))
			(void)words_add(&out->let, line);
	}
	out->measured = true;
}

void tightness_measure(struct profile *profile, const struct seen *seen)
{
	static struct mutations mutations; /* large */
	static struct confinement confinement;
	struct trying t = { &mutations, NULL, &confinement };

	t.table = mmap(NULL, sizeof(*t.table), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	if (t.table == MAP_FAILED)
		return;
	mutations_make(profile, seen, &mutations);
	for (uint32_t i = 0; i < mutations.count; i++)
		t.table->result[i].freely = t.table->result[i].held = UNTRIED;
	if (!confine_made("the profile", profile, FILES_AUTO, &confinement) &&
	    try_each(&t, false) && try_each(&t, true))
		count(&t, &profile->tightness);
	confine_release(&confinement);
	mutations_free(&mutations);
	munmap(t.table, sizeof(*t.table));
}
