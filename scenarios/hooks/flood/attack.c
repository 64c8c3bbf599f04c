// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  more happens than a reader keeps up with, and nobody can tell that something is missing.
 * Steps:   ten times as many calls as the ring has room for, read only afterwards; then some more. By this process, or
 *          by two at the same time, each on a CPU and so with a ring of its own.
 * Success: records and told drops are not all of the calls, what follows is not seen, who has read all is
 *          told that there is more, or the hook has counted something else.
 * Source:  event channels that lose silently, or that overwrite what is being read.
 */
#include "broken.h"
#include "session.h"

#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FLOOD (10 * PF_RING_LEAST / sizeof(struct pf_event))
#define AFTER 5

static const char *const shapes[] = { "plain", "each-cpu", NULL };

static void call(unsigned times)
{
	while (times--)
		syscall(SYS_getppid);
}

static unsigned producers(const struct session *s)
{
	return kit_shape_is(&s->kit, "each-cpu") ? 2 : 1;
}

/* Both on the one CPU where there is no other. */
static void go_to_cpu(unsigned cpu)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	cpu_set_t only;

	CPU_ZERO(&only);
	CPU_SET(cpus > 1 ? cpu : 0, &only);
	if (sched_setaffinity(0, sizeof(only), &only))
		kit_broken("sched_setaffinity");
}

static void produce(struct session *s, unsigned times)
{
	pid_t pids[2];
	int status;

	if (producers(s) == 1)
		return call(times);
	for (unsigned i = 0; i < 2; i++) {
		pids[i] = kit_fork(&s->kit);
		if (pids[i] == 0) {
			go_to_cpu(i);
			call(times);
			_exit(0);
		}
	}
	for (unsigned i = 0; i < 2; i++)
		if (waitpid(pids[i], &status, 0) != pids[i] || status)
			kit_broken("producer");
}

/* Those that are there and those that are said to be missing. */
static unsigned account(struct session *s, const struct session_of *of, unsigned *records)
{
	uint32_t told = s->hooks.told;
	unsigned seen = session_count(s, session_is_of, of);

	*records += seen;
	if (!s->defended)
		return seen;
	return seen + (s->hooks.told - told) + hooks_untold(&s->hooks);
}

static bool is_counted(struct session *s, int hook, unsigned made, unsigned records)
{
	return session_has_counted(s, hook, made, 0) && session_counts(s, hook).recorded == records;
}

static bool has_more(const struct session *s)
{
	struct pollfd device = { .fd = s->hooks.fd, .events = POLLIN };

	return poll(&device, 1, 0) != 0;
}

int main(int argc, char **argv)
{
	struct pf_hook hook = hooks_all(PF_CALL);
	unsigned made = 0, records = 0;
	struct session_of of = {};
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	hook.number = SYS_getppid;
	strcpy(hook.comm, "flood");
	of.hook = session_add(&s, &hook);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		unsigned wanted = s.kit.honest ? AFTER : FLOOD, after = AFTER * producers(&s);
		unsigned seen, later;
		uint32_t untold;
		bool more;

		produce(&s, wanted);
		wanted *= producers(&s);
		seen = account(&s, &of, &records);
		more = has_more(&s);
		untold = hooks_untold(&s.hooks);
		produce(&s, AFTER);
		later = account(&s, &of, &records);
		/* What was untold is told by the record that found room again. */
		later -= s.defended ? untold : 0;
		made += wanted + after;
		session_judged(n,
			       seen == wanted && later == after && !more &&
				       is_counted(&s, of.hook, made, records),
			       wanted + after, seen + later);
	}
	hooks_close(&s.hooks);
	return 0;
}
