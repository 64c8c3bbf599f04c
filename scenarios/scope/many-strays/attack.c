// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  who leaves the scope is written down, and there is room for so many: the rest are watched no more. Or
 *          everybody is from then on, for good.
 * Steps:   somebody leaves the scope, by setns(2), and makes more threads than there are places, which live at the
 *          same time and have left it as well; each makes a call. Then the hook goes, another one comes, and
 *          somebody calls who never was in scope. Or there are fewer than places, and every other one ends
 *          before the rest make their calls.
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

#define CROWD	 2100 /* of 2048 */
#define FEWER	 1000
#define PAUSE_NS 1000000
#define STACK	 (16u << 10)	      /* besides what the C library has of it */
#define RING	 (16 * PF_RING_LEAST) /* a record of each */

static const char *const shapes[] = { "plain", "freed", NULL };

struct member {
	pthread_t thread;
	pid_t tid;
	bool leaves; /* before it has made a call */
};

static struct member crowd[CROWD];
static pthread_barrier_t all_there, others_gone;
static int home;

static unsigned size_of(const struct session *s)
{
	return kit_shape_is(&s->kit, "freed") ? FEWER : CROWD;
}

static bool leaves(const struct session *s, unsigned i)
{
	return kit_shape_is(&s->kit, "freed") && i % 2;
}

static unsigned callers(const struct session *s)
{
	unsigned count = 0;

	for (unsigned i = 0; i < size_of(s); i++)
		count += !leaves(s, i);
	return count;
}

static void *call_once(void *context)
{
	struct member *m = context;

	m->tid = (pid_t)syscall(SYS_gettid);
	pthread_barrier_wait(&all_there);
	if (m->leaves)
		return NULL;
	pthread_barrier_wait(&others_gone);
	syscall(SYS_getppid);
	return NULL;
}

static void join(struct member *m)
{
	if (pthread_join(m->thread, NULL))
		kit_broken("thread");
	/* The C library is told before the kernel has taken it away. */
	while (!syscall(SYS_tgkill, getpid(), m->tid, 0))
		kit_sleep_ns(PAUSE_NS);
}

static void join_those(unsigned size, bool that_leave)
{
	for (unsigned i = 0; i < size; i++)
		if (crowd[i].leaves == that_leave)
			join(&crowd[i]);
}

static int have_crowd(struct session *s, void *context)
{
	unsigned size = size_of(s);
	pthread_attr_t small;

	(void)context;
	if (unshare(CLONE_NEWUTS) || (!s->kit.honest && setns(home, CLONE_NEWUTS)))
		kit_broken("namespace");
	if (pthread_barrier_init(&all_there, NULL, size) ||
	    pthread_barrier_init(&others_gone, NULL, callers(s) + 1) || pthread_attr_init(&small) ||
	    pthread_attr_setstacksize(&small, PTHREAD_STACK_MIN + STACK))
		kit_broken("threads");
	for (unsigned i = 0; i < size; i++) {
		crowd[i] = (struct member){ .leaves = leaves(s, i) };
		if (pthread_create(&crowd[i].thread, &small, call_once, &crowd[i]))
			kit_broken("thread");
	}
	join_those(size, true);
	session_await_freeing(s);
	pthread_barrier_wait(&others_gone);
	join_those(size, false);
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

		session_judged(n, seen == callers(&s) && !strangers, callers(&s), seen + strangers);
	}
	hooks_close(&s.hooks);
	return 0;
}
