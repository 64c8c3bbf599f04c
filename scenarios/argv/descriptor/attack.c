// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  execveat(fd, "", …, AT_EMPTY_PATH) of a memfd; a thread puts another memfd in its place
 *          between the judgement and the exec.
 * Steps:   both memfds hold a script of one line, that starts the witness with GOOD or with EVIL. A
 *          fresh process per trial starts the thread, gives the start signal and execs.
 * Success: the witness runs and says that it was started with EVIL.
 * Source:  execveat(2), memfd_create(2).
 */
#include "exec-race.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FD = 20 };

static const char *const shapes[] = { "swapped", "plain", NULL };

/* Without close-on-exec: the interpreter has to open it by its number. */
static int make_script(const char *value)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "#!" KIT_WITNESS " %s\n", value);
	int fd = memfd_create("script", 0);

	if (fd < 0 || write(fd, text, (size_t)n) != n)
		_exit(KIT_BROKEN);
	return fd;
}

static void put(const struct kit_writer *writer, const char *value)
{
	(void)value;
	if (dup2(*(const int *)writer->context, FD) < 0)
		_exit(KIT_BROKEN);
}

static void *write_it(void *writer)
{
	kit_writer_run(writer);
	return NULL;
}

static _Noreturn void be_victim(struct kit *kit, struct kit_writer *writer, unsigned n)
{
	char number[12], *argv[] = { "script", number, NULL }, *envp[] = { NULL };
	bool evil = kit_shape_is(kit, "plain") && !kit->honest;
	int other = make_script("EVIL");
	pthread_t thread;

	snprintf(number, sizeof(number), "%u", n);
	if (dup2(make_script(evil ? "EVIL" : "GOOD"), FD) < 0)
		_exit(KIT_BROKEN);
	writer->context = &other;
	if (pthread_create(&thread, NULL, write_it, writer))
		_exit(KIT_BROKEN);
	kit_demote();
	kit_writer_start(writer);
	syscall(SYS_execveat, FD, "", argv, envp, AT_EMPTY_PATH);
	*kit->exec_errno = errno;
	_exit(KIT_EXEC_FAILED);
}

static void try_once(struct kit *kit, unsigned n)
{
	struct kit_writer writer;
	pid_t victim;

	kit_writer_init(kit, &writer, NULL, false);
	writer.put = put;
	if (kit_shape_is(kit, "plain"))
		writer.writes = 0;
	victim = kit_fork(kit);
	if (victim == 0)
		be_victim(kit, &writer, n);
	kit_writer_close(&writer);
	kit_outcome(kit, victim, n, "trial");
}

int main(int argc, char **argv)
{
	const struct exec_race race = { .try_once = try_once };

	return exec_race_run(argc, argv, shapes, &race);
}
