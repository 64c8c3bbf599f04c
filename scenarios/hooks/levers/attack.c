// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a race that needs one switch of tasks at one place is never seen: between a check and a use
 *          that follow each other at once, nobody else gets a turn.
 * Steps:   a checker reads a word of its own twice, by calls; a rewriter that runs whenever nobody else wants
 *          to puts EVIL there. A lever pulls at the end of the check: the checker is held, or yields.
 *          For the others, which are of a nice value, whether it is as urgent as it should be: after the end of
 *          a call, in a call, after a fork (and its child as it was before), and in another image.
 * Success: the word was the same both times; or the nice value is another.
 * Source:  double fetches that tests cannot hit.
 */
#include "broken.h"
#include "session.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOLD  20000000 /* ns */
#define NICE  7
#define LEAST 1000000 /* in which a rewriter gets to its store */

struct shared {
	volatile uint32_t word;
	volatile bool ready; /* the rewriter is at it */
};

static const char *const shapes[] = { "hold",	   "yield",	"nice", "nice-call",
				      "nice-fork", "nice-exec", NULL };

static const char tell[] = "--tells-nice"; /* an image that does nothing else */

static void rewrite(struct shared *shared, uint32_t evil)
{
	kit_demote(); /* on a slow kernel the checker's own turn would end, between any two instructions */
	for (;;) {
		shared->word = evil;
		shared->ready = true;
	}
}

static uint32_t fetch(volatile uint32_t *word)
{
	uint32_t got = 0;
	struct iovec to = { &got, sizeof(got) }, from = { (void *)word, sizeof(*word) };

	if (process_vm_readv(getpid(), &to, 1, &from, 1, 0) != sizeof(got))
		kit_broken("process_vm_readv");
	return got;
}

static bool is_of_nice(const struct session *s)
{
	return !strncmp(s->kit.shape, "nice", 4);
}

static struct pf_hook looker(const struct session *s)
{
	struct pf_hook hook = hooks_all(PF_RETURN);

	if (kit_shape_is(&s->kit, "nice-fork") || kit_shape_is(&s->kit, "nice-exec"))
		return hooks_all(kit_shape_is(&s->kit, "nice-fork") ? PF_FORK : PF_EXEC);
	hook.number = SYS_process_vm_readv;
	if (kit_shape_is(&s->kit, "nice-call")) {
		hook.kind = PF_CALL;
		hook.number = SYS_getpriority;
	}
	return hook;
}

static struct pf_hook lever(struct session *s)
{
	struct pf_hook hook = looker(s);
	uint64_t hold;

	if (!s->defended)
		return hook;
	if (is_of_nice(s)) {
		hook.deed = PF_DO_NICE;
		hook.value = NICE;
	} else if (kit_shape_is(&s->kit, "yield")) {
		hook.deed = PF_DO_YIELD;
	} else {
		hook.deed = PF_DO_HOLD;
		hook.value = HOLD;
		do
			hook.seed = kit_random(&s->kit);
		while (!hooks_draw(&hook, 0, &hold) || hold < LEAST);
	}
	return hook;
}

/* Of this one CPU: with another, whoever runs last runs all the same. */
static void stay_on_one_cpu(void)
{
	cpu_set_t first, got;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	if (sched_setaffinity(0, sizeof(first), &first) ||
	    sched_getaffinity(0, sizeof(got), &got) || !CPU_EQUAL(&first, &got))
		kit_broken("sched_setaffinity");
}

/* Whether somebody came between the two fetches. */
static bool is_rewritten_between(struct session *s, struct shared *shared)
{
	uint32_t good = 'G', checked, used;
	pid_t rewriter = kit_fork(&s->kit);

	if (rewriter == 0)
		rewrite(shared, s->kit.honest ? good : 'E');
	while (!shared->ready)
		kit_sleep_ns(LEAST);
	shared->word = good;
	checked = fetch(&shared->word);
	used = fetch(&shared->word);
	if (kill(rewriter, SIGKILL) || waitpid(rewriter, NULL, 0) != rewriter)
		kit_broken("rewriter");
	shared->ready = false;
	return checked == good && (used != good || s->kit.honest);
}

static int own_nice(void)
{
	int nice;

	errno = 0;
	nice = getpriority(PRIO_PROCESS, 0);
	if (errno)
		kit_broken("getpriority");
	return nice;
}

static int nice_of_child(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
	    WEXITSTATUS(status) == KIT_BROKEN)
		kit_broken("child");
	return WEXITSTATUS(status);
}

static int nice_of_image(struct session *s, char *path)
{
	pid_t pid = kit_fork(&s->kit);

	if (pid == 0) {
		char word[sizeof(tell)], *const argv[] = { path, word, NULL };

		memcpy(word, tell, sizeof(tell));
		execv("/proc/self/exe", argv);
		kit_broken("exec");
	}
	return nice_of_child(pid);
}

/* And nobody else is. */
static bool is_nice(struct session *s, struct shared *shared, char *path)
{
	bool forks = kit_shape_is(&s->kit, "nice-fork");
	int nice, others = 0;
	pid_t pid;

	if (kit_shape_is(&s->kit, "nice-exec")) {
		nice = nice_of_image(s, path);
		return nice == NICE && own_nice() == 0;
	}
	if (forks) {
		pid = kit_fork(&s->kit);
		if (pid == 0)
			_exit(own_nice());
		others = nice_of_child(pid);
	} else if (kit_shape_is(&s->kit, "nice")) {
		fetch(&shared->word);
	}
	nice = own_nice();
	if (setpriority(PRIO_PROCESS, 0, 0))
		kit_broken("setpriority");
	return nice == NICE && !others;
}

int main(int argc, char **argv)
{
	struct shared *shared;
	struct pf_hook hook;
	struct session s;

	if (argc == 2 && !strcmp(argv[1], tell))
		return own_nice();
	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	stay_on_one_cpu();
	shared = kit_shared(sizeof(*shared));
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		struct session_of of = { 0 };
		unsigned seen;
		bool right;

		hook = lever(&s);
		of.hook = session_add(&s, &hook);
		right = is_of_nice(&s) ? is_nice(&s, shared, argv[0])
				       : is_rewritten_between(&s, shared);
		seen = session_count(&s, session_is_of, &of);
		session_remove(&s, of.hook);
		session_judged(n, right, 1, seen ? right : 0);
	}
	hooks_close(&s.hooks);
	return 0;
}
