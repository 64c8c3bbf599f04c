// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a race that needs one switch of tasks at one place is never seen: between a check and a use
 *          that follow each other at once, nobody else gets a turn.
 * Steps:   a checker reads a word of its own twice, by calls; a rewriter that runs whenever nobody else wants
 *          to puts EVIL there. A lever pulls at the end of the check: the checker is held, or yields.
 *          For `nice`, whether it is as urgent afterwards as it should be.
 * Success: the word was the same both times; or the nice value is another.
 * Source:  double fetches that tests cannot hit.
 */
#include "broken.h"
#include "session.h"

#include <errno.h>
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

static const char *const shapes[] = { "hold", "yield", "nice", NULL };

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

static struct pf_hook lever(struct session *s)
{
	struct pf_hook hook = hooks_all(PF_RETURN);
	uint64_t hold;

	hook.number = SYS_process_vm_readv;
	if (!s->defended)
		return hook;
	if (kit_shape_is(&s->kit, "nice")) {
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

static bool is_nice(struct shared *shared)
{
	int nice;

	fetch(&shared->word);
	errno = 0;
	nice = getpriority(PRIO_PROCESS, 0);
	if (errno || setpriority(PRIO_PROCESS, 0, 0))
		kit_broken("priority");
	return nice == NICE;
}

int main(int argc, char **argv)
{
	struct shared *shared;
	struct pf_hook hook;
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	shared = kit_shared(sizeof(*shared));
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		struct session_of of = { .pid = getpid() };
		unsigned seen;
		bool right;

		hook = lever(&s);
		of.hook = session_add(&s, &hook);
		right = kit_shape_is(&s.kit, "nice") ? is_nice(shared)
						     : is_rewritten_between(&s, shared);
		seen = session_count(&s, session_is_of, &of);
		session_remove(&s, of.hook);
		session_judged(n, right, 1, seen ? right : 0);
	}
	hooks_close(&s.hooks);
	return 0;
}
