// SPDX-License-Identifier: Apache-2.0
#include "watch.h"
#include "broken.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALLS	 8
#define PAUSE_NS 20000
#define LATE	 4     /* changes, at most */
#define LOOKS	 10000 /* for one of them */

#define WORD 4

static const char *const shapes[] = { "behind", "thread", "long", NULL };
const char *const watch_words[] = { "GOOD", "EVIL", NULL };

const char *watch_word(const char *at)
{
	for (int i = 0; watch_words[i]; i++)
		if (!memcmp(at, watch_words[i], WORD))
			return watch_words[i];
	return NULL;
}

const char *watch_read(pid_t victim, uint64_t address, size_t offset)
{
	char bytes[WORD];
	struct iovec to = { bytes, sizeof(bytes) };
	struct iovec from = { (void *)(uintptr_t)(address + offset), sizeof(bytes) };

	if (process_vm_readv(victim, &to, 1, &from, 1, 0) != (ssize_t)sizeof(bytes))
		kit_broken("process_vm_readv");
	return watch_word(bytes);
}

/* --- the victim ------------------------------------------------------------------------------------- */

struct victim {
	struct kit *kit;
	const struct watch *watch;
	int say, hear; /* after each call it says what it got, and hears that it was looked at */
	uint32_t *changes; /* of its other thread's mind so far; shared with who watches */
};

static void *change_mind(void *context)
{
	const struct victim *v = context;

	if (prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0))
		kit_broken("timer slack");
	for (unsigned i = 0;; i++) {
		v->watch->put(watch_words[i % 2]);
		__atomic_fetch_add(v->changes, 1, __ATOMIC_RELEASE);
		kit_sleep_ns(PAUSE_NS + kit_below(v->kit, PAUSE_NS));
	}
	return NULL;
}

static void make_call(const struct victim *v, bool thread)
{
	unsigned said = 0;
	const char *got;
	char byte;

	if (!thread) { /* else all choices are the other thread's */
		said = (unsigned)kit_below(v->kit, 2);
		v->watch->put(watch_words[said]);
	}
	got = v->watch->act();
	if (!thread && !v->kit->honest)
		v->watch->put(watch_words[!said]);
	if (write(v->say, got, WORD) != WORD || read(v->hear, &byte, 1) != 1)
		kit_broken("victim");
}

static _Noreturn void be_victim(const struct victim *v)
{
	bool thread = !v->kit->honest && !kit_shape_is(v->kit, "behind");
	pthread_t other;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		kit_broken("parent death signal");
	if (thread && pthread_create(&other, NULL, change_mind, (void *)(uintptr_t)v))
		kit_broken("thread");
	for (int i = 0; i < CALLS; i++)
		make_call(v, thread);
	_exit(0);
}

/* --- the watcher ------------------------------------------------------------------------------------ */

struct watcher {
	struct session *session;
	const struct watch *watch;
	struct session_of of;
	pid_t victim;
	uint32_t *changes; /* the victim's */
	char said[WORD];   /* of the last record */
	unsigned records, words;
};

static bool look(const struct pf_record *record, const void *context)
{
	struct watcher *w = (struct watcher *)(uintptr_t)context;
	const struct pf_event *event = (const void *)record;
	const char *said;

	if (!session_is_of(record, &w->of))
		return false;
	w->records++;
	said = w->session->defended
		       ? w->watch->told(record)
		       : w->watch->found(w->victim, event->view.args[w->watch->argument]);
	if (said)
		memcpy(w->said, said, WORD);
	w->words += said != NULL;
	return true;
}

/* Who watches is late, as anybody may be: the other thread changes its mind some more. */
static void be_late(const struct watcher *w)
{
	uint32_t from = __atomic_load_n(w->changes, __ATOMIC_ACQUIRE);
	uint32_t changes = (uint32_t)kit_below(&w->session->kit, LATE);

	for (unsigned left = LOOKS; __atomic_load_n(w->changes, __ATOMIC_ACQUIRE) - from < changes;
	     left--) {
		if (!left)
			kit_broken("a thread that changes its mind");
		kit_sleep_ns(PAUSE_NS);
	}
}

/* Whether what is said of the victim's call is what it got. */
static bool look_at_call(struct watcher *w, int hear, int say)
{
	struct kit *kit = &w->session->kit;
	char got[WORD];

	if (read(hear, got, WORD) != WORD)
		kit_broken("watcher");
	if (!kit->honest && !kit_shape_is(kit, "behind"))
		be_late(w);
	w->records = w->words = 0;
	session_count(w->session, look, w);
	if (write(say, "g", 1) != 1)
		kit_broken("watcher");
	if (w->watch->after)
		w->watch->after();
	return w->records == 1 && w->words == 1 && !memcmp(w->said, got, WORD);
}

static void make_trial(struct watcher *w, unsigned n)
{
	struct kit *kit = &w->session->kit;
	int says[2], hears[2], status;
	unsigned right = 0;

	if (pipe(says) || pipe(hears))
		kit_broken("pipe");
	kit_random(kit); /* the child's choices are other ones in each trial */
	w->victim = kit_fork(kit);
	if (w->victim == 0) {
		struct victim v = { kit, w->watch, says[1], hears[0], w->changes };

		close(says[0]);
		close(hears[1]);
		be_victim(&v);
	}
	w->of.pid = w->watch->others ? 0 : w->victim;
	close(says[1]);
	close(hears[0]);
	for (int i = 0; i < CALLS; i++)
		right += look_at_call(w, says[0], hears[1]);
	close(says[0]);
	close(hears[1]);
	if (waitpid(w->victim, &status, 0) != w->victim || !WIFEXITED(status) ||
	    WEXITSTATUS(status))
		kit_broken("victim");
	session_looked(n, CALLS, right);
}

int watch_run(int argc, char **argv, const struct watch *watch)
{
	struct session s;
	struct watcher w = { .session = &s, .watch = watch };
	struct pf_hook hook;

	session_begin(&s, argc, argv, shapes, 64u << 10);
	if (kit_shape_is(&s.kit, "long"))
		watch->lengthen();
	if (watch->set_up)
		watch->set_up();
	hook = hooks_all(s.defended ? watch->kind : PF_CALL);
	if (!s.defended)
		hook.number = watch->number;
	else if (watch->comm)
		strcpy(hook.comm, watch->comm);
	w.of.hook = session_add(&s, &hook);
	w.changes = kit_shared(sizeof(*w.changes));
	for (unsigned n = 1; n <= s.kit.trials; n++)
		make_trial(&w, n);
	hooks_close(&s.hooks);
	return 0;
}
