// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  where room runs out something is lost that nobody counts, or what is told is another's.
 * Steps:   more threads in the middle of a read(2), under a hook on its end, than calls can be remembered; they end.
 *          Or more hooks than there may be, and a call that all of them look at.
 * Success: an end is missing or comes twice; one without its call's arguments is not marked so, or not counted
 *          as failed. A hook too many is taken or refused without a reason, or one of the others has not seen the call.
 * Source:  tables of fixed size.
 */
#include "broken.h"
#include "session.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PLACES	 2048 /* for calls under way */
#define CROWD	 (PLACES + 152)
#define FEW	 100	      /* hooks */
#define FEWER	 (PLACES / 4) /* calls: each finds a place near its own */
#define BYTES	 7	      /* that each reads */
#define AT_ONCE	 500	      /* so much for as many is written in one piece */
#define OTHERS	 16	      /* hooks that the lab may have itself */
#define PAUSE_NS 1000000
#define NAME	 "crowd-one"

static const char *const shapes[] = { "tasks", "hooks", NULL };

/* --- tasks ------------------------------------------------------------------------------------------ */

struct crowd {
	unsigned size;
	pthread_t threads[CROWD];
	pid_t tids[CROWD];
	int gate[2], middle[2], end[2]; /* pipes that they read one after the other */
	unsigned came, went;
};

static void read_from(int fd, unsigned bytes)
{
	char to[BYTES];

	if (read(fd, to, bytes) != (ssize_t)bytes)
		kit_broken("read");
}

static struct crowd crowd;

/* Between the first read and the last it makes no call but the one that is asked about. */
static void *be_one(void *tid)
{
	if (prctl(PR_SET_NAME, NAME))
		kit_broken("name");
	*(pid_t *)tid = (pid_t)syscall(SYS_gettid);
	read_from(crowd.gate[0], 1);
	__atomic_add_fetch(&crowd.came, 1, __ATOMIC_SEQ_CST);
	read_from(crowd.middle[0], BYTES);
	__atomic_add_fetch(&crowd.went, 1, __ATOMIC_SEQ_CST);
	read_from(crowd.end[0], 1);
	return NULL;
}

static void let(int fd, unsigned bytes)
{
	static const char zeros[BYTES * AT_ONCE];

	for (unsigned left = crowd.size; left > 0;) {
		unsigned some = left < AT_ONCE ? left : AT_ONCE;

		if (write(fd, zeros, (size_t)some * bytes) != (ssize_t)(some * bytes))
			kit_broken("write");
		left -= some;
	}
}

static void await(const unsigned *count)
{
	while (__atomic_load_n(count, __ATOMIC_SEQ_CST) < crowd.size)
		kit_sleep_ns(PAUSE_NS);
}

static void gather(unsigned size)
{
	pthread_attr_t small;

	crowd = (struct crowd){ .size = size };
	if (pipe(crowd.gate) || pipe(crowd.middle) || pipe(crowd.end))
		kit_broken("pipe");
	pthread_attr_init(&small);
	errno = pthread_attr_setstacksize(&small, PTHREAD_STACK_MIN + (16u << 10));
	for (unsigned i = 0; i < size && !errno; i++)
		errno = pthread_create(&crowd.threads[i], &small, be_one, &crowd.tids[i]);
	if (errno)
		kit_broken("thread");
}

/* Until each is in the middle of its second read. */
static void gather_in_calls(void)
{
	let(crowd.gate[1], 1);
	await(&crowd.came);
	for (unsigned i = 0; i < crowd.size; i++)
		session_await_sleep(crowd.tids[i]);
}

static void dissolve(void)
{
	int *const pipes[] = { crowd.gate, crowd.middle, crowd.end };

	let(crowd.end[1], 1);
	for (unsigned i = 0; i < crowd.size; i++)
		if (pthread_join(crowd.threads[i], NULL))
			kit_broken("thread");
	for (int i = 0; i < 3; i++)
		if (close(pipes[i][0]) || close(pipes[i][1]))
			kit_broken("pipe");
}

struct ends {
	struct session_of of;
	unsigned with, without, strange; /* the arguments of their calls */
};

static bool look(const struct pf_record *record, const void *context)
{
	struct ends *e = (struct ends *)(uintptr_t)context;
	const struct pf_event *event = (const void *)record;
	bool without = record->flags & PF_NO_CALL;

	if (!session_is_of(record, &e->of))
		return false;
	if (record->kind != PF_RETURN || event->view.result != BYTES ||
	    event->view.args[2] != (without ? 0 : BYTES))
		e->strange++;
	else if (without)
		e->without++;
	else
		e->with++;
	return true;
}

/* All calls, as kernels for mips may not know of which one an end is; of those, the ends of the second reads. */
static int add_hook(struct session *s)
{
	struct sock_filter program[SESSION_EQUALS_LENGTH];
	struct pf_hook hook = hooks_all(PF_RETURN);

	strcpy(hook.comm, NAME);
	hook.parameters[2] = (struct pf_parameter){ 2, 4, 0, 0 };
	session_equals(program, offsetof(struct pf_view, result), BYTES);
	session_give(&hook, program, SESSION_EQUALS_LENGTH);
	return session_add(s, &hook);
}

static void try_tasks(struct session *s, unsigned n)
{
	unsigned size = s->kit.honest ? FEWER : CROWD, least = size > PLACES ? size - PLACES : 0;
	struct ends e = { .of = { .pid = getpid() } };
	uint64_t failed;
	bool right;

	gather(size);
	e.of.hook = add_hook(s);
	gather_in_calls();
	failed = session_counts(s, e.of.hook).failed; /* of ends of the first read */
	let(crowd.middle[1], BYTES);
	await(&crowd.went);
	session_count(s, look, &e);
	failed = session_counts(s, e.of.hook).failed - failed;
	right = session_has_counted(s, e.of.hook, size, 0);
	session_remove(s, e.of.hook);
	dissolve();
	if (s->defended)
		right = right && e.with + e.without == size && !e.strange && e.without >= least &&
			e.without == failed && (least ? e.with > PLACES / 2 : !e.without);
	else
		right = right && e.with == size;
	session_judged(n, right, size, e.with + e.without);
}

/* --- hooks ------------------------------------------------------------------------------------------ */

static struct pf_hook any_hook(void)
{
	struct pf_hook hook = hooks_all(PF_CALL);

	hook.number = SYS_getppid;
	return hook;
}

/* As many as there is room for, or as are wanted; *refused: there was room for no more, and it was said why. */
static unsigned add_hooks(struct session *s, int ids[PF_HOOKS_MOST + 1], unsigned wanted,
			  bool *refused)
{
	struct pf_hook hook = any_hook();
	unsigned count = 0;

	*refused = false;
	while (count < wanted) {
		int id = hooks_add(&s->hooks, &hook);

		*refused = id == -ENOSPC && s->hooks.reason[0];
		if (id < 0)
			break;
		ids[count++] = id;
	}
	return count;
}

static unsigned count_ones(struct session *s, const int ids[], unsigned count)
{
	unsigned ones = 0;

	for (unsigned i = 0; i < count; i++)
		ones += session_has_counted(s, ids[i], 1, 0);
	return ones;
}

static void try_hooks(struct session *s, unsigned n)
{
	unsigned wanted = s->kit.honest ? FEW : PF_HOOKS_MOST + 1, count, more, ones, seen;
	struct session_of of = { .pid = getpid() };
	int ids[PF_HOOKS_MOST + 1], again[PF_HOOKS_MOST + 1];
	bool refused, still, right;

	count = add_hooks(s, ids, wanted, &refused);
	syscall(SYS_getppid);
	ones = count_ones(s, ids, count);
	of.hook = ids[count - 1];
	seen = session_count(s, session_is_of, &of);
	/* Where one has gone another finds room, and the next does not. */
	session_remove(s, ids[--count]);
	more = add_hooks(s, again, s->kit.honest ? 1 : 2, &still);
	if (s->kit.honest)
		right = !refused && !still;
	else
		right = refused && still && count + 1 <= PF_HOOKS_MOST &&
			count + 1 > PF_HOOKS_MOST - OTHERS;
	right = right && more == 1 && ones == count + 1 && seen == 1;
	if (!s->defended)
		right = ones == wanted;
	for (unsigned i = 0; i < count; i++)
		session_remove(s, ids[i]);
	for (unsigned i = 0; i < more; i++)
		session_remove(s, again[i]);
	session_judged(n, right, count + 1, ones);
}

int main(int argc, char **argv)
{
	struct session s;

	session_begin(&s, argc, argv, shapes, 512u << 10);
	kit_write("/proc/sys/kernel/threads-max",
		  "10000"); /* few fit a small memory by themselves */
	for (unsigned n = 1; n <= s.kit.trials; n++)
		if (kit_shape_is(&s.kit, "tasks"))
			try_tasks(&s, n);
		else
			try_hooks(&s, n);
	hooks_close(&s.hooks);
	return 0;
}
