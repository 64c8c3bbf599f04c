// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  who leaves the scope is written down, and there is room for so many: the rest are watched no more. Or
 *          everybody is from then on, for good.
 * Steps:   somebody leaves the scope, by setns(2), and makes more threads than there are places, which live at the
 *          same time and have left it as well; each makes a call. Then the hook goes, another one comes, and
 *          somebody calls who never was in scope.
 * Success: a call of those that left that the gated hook has not seen; or one of the stranger's that it has.
 * Source:  tables of a fixed size.
 */
#include "broken.h"
#include "session.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CROWD 2100		   /* of 2048 */
#define STACK (16u << 10)	   /* besides what the C library has of it */
#define RING  (16 * PF_RING_LEAST) /* a record of each */

static const char *const shapes[] = { "plain", NULL };

static pthread_barrier_t all_there;
static int home;

static void *call_once(void *unused)
{
	pthread_barrier_wait(&all_there);
	syscall(SYS_getppid);
	return unused;
}

static int have_crowd(struct session *s, void *context)
{
	static pthread_t threads[CROWD];
	pthread_attr_t small;

	(void)context;
	if (unshare(CLONE_NEWUTS) || (!s->kit.honest && setns(home, CLONE_NEWUTS)))
		kit_broken("namespace");
	if (pthread_barrier_init(&all_there, NULL, CROWD) || pthread_attr_init(&small) ||
	    pthread_attr_setstacksize(&small, PTHREAD_STACK_MIN + STACK))
		kit_broken("threads");
	for (unsigned i = 0; i < CROWD; i++)
		if (pthread_create(&threads[i], &small, call_once, NULL))
			kit_broken("thread");
	for (unsigned i = 0; i < CROWD; i++)
		if (pthread_join(threads[i], NULL))
			kit_broken("thread");
	return 0;
}

static int call(struct session *s, void *context)
{
	(void)s;
	(void)context;
	syscall(SYS_getppid);
	return 0;
}

static unsigned watch(struct session *s, const struct pf_hook *hook,
		      int (*work)(struct session *s, void *context))
{
	struct session_of of = { .hook = session_add(s, hook) };
	unsigned seen;

	session_child(s, work, NULL);
	seen = session_count(s, session_is_of, &of);
	session_remove(s, of.hook);
	return seen;
}

int main(int argc, char **argv)
{
	struct pf_hook hook = hooks_all(PF_CALL);
	struct session s;

	session_begin(&s, argc, argv, shapes, RING);
	home = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
	if (home < 0)
		kit_broken("/proc/self/ns/uts");
	hook.number = SYS_getppid;
	hook.flags |= PF_SCOPED | PF_SCOPE_LATER;
	if (s.defended)
		hook.flags |= PF_SCOPE_KEPT;
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		unsigned seen = watch(&s, &hook, have_crowd), strangers = watch(&s, &hook, call);

		session_judged(n, seen == CROWD && !strangers, CROWD, seen + strangers);
	}
	hooks_close(&s.hooks);
	return 0;
}
