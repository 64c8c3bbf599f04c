// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a gated hook costs everybody what being traced costs, in scope or not. Or who once was not traced, as
 *          nobody wanted it, is not seen by a hook that does want it.
 * Steps:   somebody in scope and this process, which is not, make calls: with a gated hook, with an ungated one
 *          beside it, without that, and after the gated one has gone. ftrace begins to look after the hooks have
 *          changed, so that it sees those calls that the kernel traces anyhow.
 * Success: it has seen this process with the gated hook alone; or not in scope, or with the other hook, or at the
 *          end, all calls; or the ungated hook has not.
 * Source:  tracepoints of calls, which are a mark on every task.
 */
#include "broken.h"
#include "resident.h"
#include "session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALLS	4
#define TRACING "/sys/kernel/tracing"
/* Of calls' ends: of their beginnings it reads arguments, from mips' user stack where 4.10 may not. */
#define EVENT TRACING "/events/raw_syscalls/sys_exit"

static const char *const shapes[] = { "plain", NULL };

static void mount_tracing(void)
{
	char filter[32];

	if (mount("tracefs", TRACING, "tracefs", 0, NULL) && errno != EBUSY)
		kit_broken(TRACING);
	snprintf(filter, sizeof(filter), "id == %d", SYS_getppid);
	kit_write(EVENT "/filter", filter);
	kit_write(TRACING "/tracing_on", "1");
}

static void trace(bool on)
{
	kit_write(EVENT "/enable", on ? "1" : "0");
}

/* What was traced of this process since it was last asked. */
static unsigned traced(pid_t pid)
{
	char line[256], whose[24];
	unsigned count = 0;
	FILE *file;

	snprintf(whose, sizeof(whose), "-%d ", pid);
	file = fopen(TRACING "/trace", "re");
	if (!file)
		kit_broken(TRACING "/trace");
	while (fgets(line, sizeof(line), file))
		count += strstr(line, "sys_exit:") && strstr(line, whose);
	if (ferror(file) || fclose(file))
		kit_broken(TRACING "/trace");
	return count;
}

static void forget(void)
{
	FILE *file = fopen(TRACING "/trace", "we"); /* by being truncated */

	if (!file || fclose(file))
		kit_broken(TRACING "/trace");
}

struct seen {
	unsigned inside, outside;
};

/* Both call; what ftrace has seen of it, which looks no longer then. */
static struct seen call(const struct session *s, const struct resident *r)
{
	struct seen seen;

	resident_call(r, CALLS);
	for (int i = 0; i < CALLS && !s->kit.honest; i++)
		syscall(SYS_getppid);
	trace(false);
	seen = (struct seen){ traced(r->pid), traced(getpid()) };
	forget();
	return seen;
}

static void try(struct session *s, unsigned n, const struct pf_hook *gated)
{
	const unsigned all = s->kit.honest ? 0 : CALLS;
	struct pf_hook open_to_all = hooks_all(PF_CALL);
	struct session_of of = { .pid = getpid() };
	struct seen alone, beside, again, after;
	struct resident r;
	unsigned told;
	int id;

	r = resident_start(&s->kit);
	id = session_add(s, gated);
	trace(true);
	alone = call(s, &r);
	open_to_all.number = SYS_getppid;
	of.hook = session_add(s, &open_to_all);
	trace(true);
	beside = call(s, &r);
	told = session_count(s, session_is_of, &of);
	session_remove(s, of.hook);
	trace(true);
	again = call(s, &r);
	trace(true);
	session_remove(s, id);
	after = call(s, &r);
	resident_end(&r);
	session_judged(n,
		       !alone.outside && beside.outside == all && told == all && !again.outside &&
			       after.outside == all && alone.inside == CALLS &&
			       beside.inside == CALLS && again.inside == CALLS &&
			       after.inside == CALLS,
		       2 * all, alone.outside + beside.outside + again.outside + after.outside);
}

int main(int argc, char **argv)
{
	struct pf_hook gated = hooks_all(PF_CALL);
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	mount_tracing();
	gated.number = SYS_getppid;
	if (s.defended)
		gated.flags |= PF_SCOPED;
	for (unsigned n = 1; n <= s.kit.trials; n++)
		try(&s, n, &gated);
	hooks_close(&s.hooks);
	return 0;
}
