// SPDX-License-Identifier: Apache-2.0
#include "race.h"
#include "broken.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define WARM_UPS 3

void race_got(unsigned n, const char *what)
{
	struct jsonl j;

	kit_event(&j, n, "got");
	jsonl_str(&j, "what", what, strlen(what));
	kit_send(&j);
}

/* Renamed to its name, because to create EVIL is what may not be done. */
static void make_file(const char *directory, const char *name)
{
	char path[64], made[64];
	int fd;

	snprintf(made, sizeof(made), "%s/new", directory);
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(made, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, name, strlen(name)) != (ssize_t)strlen(name) ||
	    rename(made, path) < 0)
		kit_broken(path);
	close(fd);
}

void race_make_files_in(const char *directory)
{
	if (mkdir(directory, 0700) < 0 && errno != EEXIST)
		kit_broken(directory);
	make_file(directory, "GOOD");
	make_file(directory, "EVIL");
}

void race_make_files(struct kit *kit)
{
	(void)kit;
	race_make_files_in(RACE_ROOM);
}

int race_read(int fd, unsigned n)
{
	char what[5] = "";

	if (fd < 0)
		return errno;
	if (read(fd, what, 4) != 4)
		kit_broken("read");
	race_got(n, what);
	return 0;
}

static void *write_it(void *writer)
{
	kit_writer_run(writer);
	return NULL;
}

static void start_writer(struct kit_writer *writer)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, write_it, writer))
		_exit(KIT_BROKEN);
	kit_demote(); /* after the thread was made: it would inherit this */
	kit_writer_start(writer);
}

static _Noreturn void be_victim(struct kit *kit, const struct race *race, struct kit_writer *writer,
				unsigned n)
{
	if (race->word)
		start_writer(writer);
	*kit->exec_errno = race->act(kit, n);
	_exit(*kit->exec_errno ? KIT_EXEC_FAILED : 0);
}

static _Alignas(4) char contested[] = RACE_CONTEST "/GOOD";

_Static_assert(sizeof(RACE_CONTEST) % 4 == 0, "the word changes in one store");

static _Noreturn void open_contested(struct kit *kit, struct kit_writer *writer, unsigned n,
				     bool (*is_evil)(int fd))
{
	struct jsonl j;
	int fd;

	start_writer(writer);
	fd = (int)syscall(SYS_openat, AT_FDCWD, contested, O_RDONLY, 0);
	*kit->exec_errno = fd < 0 ? errno : 0;
	kit_event(&j, n, "raced");
	jsonl_bool(&j, "evil", fd >= 0 && is_evil(fd));
	kit_send(&j);
	_exit(fd < 0 ? KIT_EXEC_FAILED : 0);
}

pid_t race_open(struct kit *kit, unsigned n, bool (*is_evil)(int fd))
{
	char *word = contested + sizeof(contested) - sizeof("GOOD");
	struct kit_writer writer;
	pid_t victim;

	memcpy(word, "GOOD", 4);
	kit_writer_init(kit, &writer, word, false);
	kit_writer_unaim(kit, &writer);
	victim = kit_fork(kit);
	if (victim == 0)
		open_contested(kit, &writer, n, is_evil);
	kit_writer_close(&writer);
	return victim;
}

/* The call with EVIL from the start and nobody in a hurry: it must be refused. */
static bool probe(struct kit *kit, const struct race *race)
{
	pid_t victim = kit_fork(kit);

	if (victim == 0) {
		memcpy(race->word, "EVIL", 4);
		if (race->put)
			race->put(&(struct kit_writer){ .word = race->word }, "EVIL");
		*kit->exec_errno = race->act(kit, 0);
		_exit(*kit->exec_errno ? KIT_EXEC_FAILED : 0);
	}
	kit_outcome(kit, victim, 0, "probe");
	return *kit->exec_errno != 0;
}

static void warm_up(struct kit *kit, const struct race *race)
{
	for (int i = 0; i < WARM_UPS; i++) {
		uint64_t start_ns = jsonl_now();
		pid_t pid = kit_fork(kit);

		if (pid == 0) {
			int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

			if (null < 0 || dup2(null, KIT_REPORT_FD) < 0)
				kit_broken("/dev/null");
			_exit(race->act(kit, 0) != 0);
		}
		/* How it ended says nothing yet: the trials do. */
		if (waitpid(pid, NULL, 0) != pid)
			kit_broken("waitpid");
		kit->pace_ns = (jsonl_now() - start_ns) / 32 + 1;
	}
	kit_aim(kit, kit->pace_ns);
}

/* By a process of its own, as what one process says counts once. */
static void report_after(struct kit *kit, const struct race *race, unsigned n)
{
	pid_t pid = kit_fork(kit);

	if (pid == 0) {
		race->after(kit, n);
		_exit(0);
	}
	if (waitpid(pid, NULL, 0) != pid)
		kit_broken("waitpid");
}

static void make_trial(struct kit *kit, const struct race *race, unsigned n)
{
	struct kit_writer writer;
	pid_t victim;

	if (race->before)
		race->before(kit, n);
	if (race->word) {
		memcpy(race->word, "GOOD", 4);
		kit_writer_init(kit, &writer, race->word, kit_shape_is(kit, "continuous"));
		writer.put = race->put;
	}
	victim = kit_fork(kit);
	if (victim == 0)
		be_victim(kit, race, &writer, n);
	if (race->word)
		kit_writer_close(&writer);
	kit_outcome(kit, victim, n, "trial");
	if (race->after)
		report_after(kit, race, n);
}

int race_run(int argc, char **argv, const char *const shapes[], const struct race *race)
{
	struct kit kit;

	kit_begin(&kit, argc, argv, shapes);
	if (race->set_up)
		race->set_up(&kit);
	if (race->word) {
		memcpy(race->word, "GOOD", 4);
		warm_up(&kit, race);
	}
	if (race->word && !race->unprobed && !kit.honest && !probe(&kit, race))
		return 1;
	for (unsigned n = 1; n <= kit.trials; n++)
		make_trial(&kit, race, n);
	return 0;
}
