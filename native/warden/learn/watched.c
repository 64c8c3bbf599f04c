// SPDX-License-Identifier: Apache-2.0
#include "watched.h"

#include <signal.h>
#include <stddef.h>
#include <stdlib.h>

#define FIRST 32u

struct watched *watched_find(const struct watched_tasks *tasks, pid_t tid)
{
	const uint32_t *place = pidmap_find(&tasks->by_tid, tid);

	return place ? &tasks->at[*place] : NULL;
}

static int grow(struct watched_tasks *tasks)
{
	unsigned capacity = tasks->capacity ? tasks->capacity * 2 : FIRST;
	struct watched *at = realloc(tasks->at, capacity * sizeof(*at));

	if (!at)
		return -1;
	tasks->at = at;
	tasks->capacity = capacity;
	return 0;
}

static int enter(struct watched_tasks *tasks, pid_t tgid)
{
	uint32_t *threads = pidmap_find(&tasks->threads, tgid);

	if (threads) {
		++*threads;
		return 0;
	}
	if (pidmap_set(&tasks->threads, tgid, 1))
		return -1;
	tasks->processes++;
	return 0;
}

static void leave(struct watched_tasks *tasks, pid_t tgid)
{
	uint32_t *threads = pidmap_find(&tasks->threads, tgid);

	if (!threads || --*threads)
		return;
	pidmap_remove(&tasks->threads, tgid);
	tasks->processes--;
}

struct watched *watched_add(struct watched_tasks *tasks, pid_t tid, pid_t tgid)
{
	if ((tasks->count == tasks->capacity && grow(tasks)) || enter(tasks, tgid))
		return NULL;
	if (pidmap_set(&tasks->by_tid, tid, tasks->count)) {
		leave(tasks, tgid);
		return NULL;
	}
	tasks->at[tasks->count] = (struct watched){ .tid = tid, .tgid = tgid, .settled = true };
	tasks->at[tasks->count].change[0].fd = tasks->at[tasks->count].change[1].fd = -1;
	return &tasks->at[tasks->count++];
}

void watched_forget(struct watched *one)
{
	one->form = NULL;
	one->words.size = 0;
	one->closing.some = one->replaced = one->quiet = false;
	for (int i = 0; i < 2; i++)
		change_forget(&one->change[i]);
}

void watched_drop(struct watched_tasks *tasks, struct watched *one)
{
	struct watched *last = &tasks->at[tasks->count - 1];

	watched_forget(one);
	leave(tasks, one->tgid);
	pidmap_remove(&tasks->by_tid, one->tid);
	if (one != last) {
		*one = *last;
		*pidmap_find(&tasks->by_tid, one->tid) = (uint32_t)(one - tasks->at);
	}
	tasks->count--;
}

void watched_kill_all(const struct watched_tasks *tasks)
{
	/* Our tracees, not reaped: the numbers are their own. */
	for (unsigned i = 0; i < tasks->count; i++)
		kill(tasks->at[i].tgid, SIGKILL);
}

void watched_free(struct watched_tasks *tasks)
{
	while (tasks->count)
		watched_drop(tasks, &tasks->at[tasks->count - 1]);
	free(tasks->at);
	free(tasks->by_tid.at);
	free(tasks->threads.at);
	*tasks = (struct watched_tasks){ 0 };
}
