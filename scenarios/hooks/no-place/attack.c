// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  levers are left with their tasks in a table of a fixed size: when it is full one is lost and nobody can
 *          tell, or its place is never free again, or its task never goes on.
 * Steps:   more threads than there are places open a FIFO, which waits with the lever before them, then somebody
 *          opens its other end. The lever is a nice value, so each can tell whether it was its own that was pulled.
 * Success: other threads are nice than were counted as done, or those that are not were not counted as failed, or
 *          there were fewer places than there should be.
 * Source:  queues that drop what they have no room for.
 */
#include "broken.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PLACES 256
#define MORE   300
#define FEWER  200
#define NICE   7
#define STACK  (16u << 10)	   /* besides what the C library has of it */
#define RING   (8 * PF_RING_LEAST) /* a record of each and more */
#define FIFO   "/no-place"
#define NAME   "opens" /* so that nobody else has a place */
#define LOOKS  10000
#define LOOK   1000000 /* ns */

static const char *const shapes[] = { "plain", NULL };

static void *open_it(void *nice)
{
	int fd = open(FIFO, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		kit_broken(FIFO);
	errno = 0;
	*(int *)nice = getpriority(PRIO_PROCESS, 0); /* this thread's */
	if (errno || close(fd))
		kit_broken("thread");
	return NULL;
}

/* How many are nice once they go on. */
static unsigned have_threads(unsigned count)
{
	static pthread_t threads[MORE];
	static int nice[MORE];
	pthread_attr_t small;
	unsigned pulled = 0;

	if (pthread_attr_init(&small) ||
	    pthread_attr_setstacksize(&small, PTHREAD_STACK_MIN + STACK))
		kit_broken("threads");
	for (unsigned i = 0; i < count; i++)
		if (pthread_create(&threads[i], &small, open_it, &nice[i]))
			kit_broken("thread");
	for (unsigned i = 0; i < count; i++) {
		if (pthread_join(threads[i], NULL))
			kit_broken("thread");
		pulled += nice[i] == NICE;
	}
	return pulled;
}

static void await_matches(struct session *s, int hook, unsigned count)
{
	for (unsigned left = LOOKS; session_counts(s, hook).matched < count; left--) {
		if (!left)
			kit_broken("not all have come");
		kit_sleep_ns(LOOK);
	}
}

static void try(struct session *s, unsigned n, const struct pf_hook *hook, unsigned *pulled)
{
	const unsigned count = s->kit.honest ? FEWER : MORE;
	const unsigned done = s->kit.honest ? FEWER : PLACES;
	struct session_of of = { .hook = session_add(s, hook) };
	struct pf_counts counts;
	int status, fd;
	pid_t pid = kit_fork(&s->kit);

	if (pid == 0) {
		if (prctl(PR_SET_NAME, NAME))
			kit_broken("prctl");
		*pulled = have_threads(count);
		_exit(0);
	}
	await_matches(s, of.hook, count);
	fd = open(FIFO, O_WRONLY | O_CLOEXEC); /* its own name is another */
	if (fd < 0 || waitpid(pid, &status, 0) != pid || status || close(fd))
		kit_broken("child");
	counts = session_counts(s, of.hook);
	session_count(s, session_is_of, &of);
	session_remove(s, of.hook);
	session_judged(n,
		       counts.done == done && *pulled == done && counts.failed == count - done &&
			       counts.matched == count,
		       done, *pulled);
}

int main(int argc, char **argv)
{
	struct sock_filter program[SESSION_EQUALS_LENGTH];
	struct pf_hook hook = hooks_all(PF_OPEN);
	unsigned *pulled;
	struct session s;

	session_begin(&s, argc, argv, shapes, RING);
	pulled = kit_shared(sizeof(*pulled));
	if (mkfifo(FIFO, 0600))
		kit_broken(FIFO);
	strcpy(hook.comm, NAME);
	/* Threads come with openings of the C library's own. */
	session_equals(program, offsetof(struct pf_view, args[1]), S_IFIFO | 0600);
	session_give(&hook, program, SESSION_EQUALS_LENGTH);
	if (s.defended) {
		hook.deed = PF_DO_NICE;
		hook.value = NICE;
	}
	for (unsigned n = 1; n <= s.kit.trials; n++)
		try(&s, n, &hook, pulled);
	hooks_close(&s.hooks);
	return 0;
}
