// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a hook that is to look at the scope alone looks at everybody: what runs the lab shows up
 *          among what is run in it.
 * Steps:   calls from inside and from outside the scope, in turn. For `strays`, whose scope is kept: some leave
 *          it, and end; then many are born outside, some of them where the kernel had those. For `beside` another
 *          hook looks at everybody's calls, for `forks` it is children that are made instead.
 * Success: a record of a call, or of a child, from outside.
 * Source:  loggers that capture every process from boot on.
 */
#include "broken.h"
#include "session.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALLS	  4
#define STRAYS	  8
#define STRANGERS 60

static const char *const shapes[] = { "plain", "strays", "beside", "forks", NULL };

static int home;

static void call(void)
{
	for (int i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
}

static void go_in(void)
{
	if (unshare(CLONE_NEWUTS))
		kit_broken("unshare");
}

static int do_nothing(struct session *s, void *context)
{
	(void)s;
	(void)context;
	return 0;
}

static void have_children(struct session *s)
{
	for (int i = 0; i < CALLS; i++)
		session_child(s, do_nothing, NULL);
}

static void act(struct session *s)
{
	if (kit_shape_is(&s->kit, "forks"))
		have_children(s);
	else
		call();
}

static int inside(struct session *s, void *context)
{
	(void)context;
	go_in();
	act(s);
	return 0;
}

static int outside(struct session *s, void *context)
{
	(void)context;
	act(s);
	return 0;
}

static pthread_barrier_t all_there;

static void *stray(void *unused)
{
	go_in();
	if (setns(home, CLONE_NEWUTS))
		kit_broken("setns");
	pthread_barrier_wait(&all_there);
	call();
	return unused;
}

static void *stranger(void *unused)
{
	pthread_barrier_wait(&all_there);
	call();
	return unused;
}

/* Threads that are all there before one of them goes on: none is where the kernel had another. */
static void have_threads(void *(*work)(void *), unsigned count)
{
	pthread_t threads[STRANGERS];

	if (pthread_barrier_init(&all_there, NULL, count))
		kit_broken("barrier");
	for (unsigned i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, work, NULL))
			kit_broken("thread");
	for (unsigned i = 0; i < count; i++)
		if (pthread_join(threads[i], NULL))
			kit_broken("thread");
	pthread_barrier_destroy(&all_there);
}

static int strays(struct session *s, void *context)
{
	(void)s;
	(void)context;
	have_threads(stray, STRAYS);
	return 0;
}

static int strangers(struct session *s, void *context)
{
	(void)s;
	(void)context;
	have_threads(stranger, STRANGERS);
	return 0;
}

static struct pf_hook choose(struct session *s)
{
	struct pf_hook hook = hooks_all(PF_CALL);

	if (kit_shape_is(&s->kit, "forks"))
		return hooks_all(PF_FORK);
	if (kit_shape_is(&s->kit, "beside")) {
		hook.number = SYS_getpgid;
		session_add(s, &hook);
	}
	hook.number = SYS_getppid;
	return hook;
}

int main(int argc, char **argv)
{
	struct pf_hook hook;
	struct session_of of;
	struct session s;
	bool kept;

	session_begin(&s, argc, argv, shapes, 4 * PF_RING_LEAST);
	kept = kit_shape_is(&s.kit, "strays");
	home = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
	if (home < 0)
		kit_broken("/proc/self/ns/uts");
	hook = choose(&s);
	if (s.defended)
		hook.flags |= PF_SCOPED | PF_SCOPE_LATER | (kept ? PF_SCOPE_KEPT : 0);
	of = (struct session_of){ .hook = session_add(&s, &hook) };
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		session_child(&s, kept ? strays : inside, NULL);
		if (!s.kit.honest) {
			act(&s);
			session_child(&s, kept ? strangers : outside, NULL);
		}
		session_looked(n, kept ? STRAYS * CALLS : CALLS,
			       session_count(&s, session_is_of, &of));
	}
	hooks_close(&s.hooks);
	return 0;
}
