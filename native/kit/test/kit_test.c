// SPDX-License-Identifier: Apache-2.0
#include "kit.h"
#include "tap.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const shapes[] = { "first", "second", NULL };
static int reports; /* the reading end of what goes to KIT_REPORT_FD */

/* kit_begin in a process of its own, because it ends the process on wrong words. */
static int begin_status(const char *seed, const char *trials, char **argv)
{
	int argc = 0;
	int status = -1;
	pid_t pid;

	while (argv[argc])
		argc++;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		struct kit kit;

		close(STDERR_FILENO);
		if (seed ? setenv("PF_SEED", seed, 1) : unsetenv("PF_SEED"))
			_exit(1);
		if (setenv("PF_TRIALS", trials, 1))
			_exit(1);
		kit_begin(&kit, argc, argv, shapes);
		_exit(kit_shape_is(&kit, "second") ? 10 : 11);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static void test_begin(void)
{
	char *none[] = { "attack", NULL };
	char *second[] = { "attack", "--honest", "--shape", "second", NULL };
	char *third[] = { "attack", "--shape", "third", NULL };
	char *bare[] = { "attack", "--shape", NULL };
	char *extra[] = { "attack", "extra", NULL };

	ok(begin_status("1", "1", none) == 11, "the first shape is the default");
	ok(begin_status("18446744073709551615", "1", second) == 10, "a shape and the largest seed");
	ok(begin_status("1", "1", third) == 2, "an unknown shape is refused");
	ok(begin_status("1", "1", bare) == 2, "a shape that is missing");
	ok(begin_status("1", "1", extra) == 2, "an unknown word");
	ok(begin_status("18446744073709551616", "1", none) == 2, "a seed that is too large");
	ok(begin_status("-1", "1", none) == 2, "a negative seed");
	ok(begin_status("7x", "1", none) == 2, "a seed with something behind it");
	ok(begin_status(NULL, "1", none) == 2, "no seed");
	ok(begin_status("1", "100001", none) == 2, "more trials than the bound");
}

/* The published first outputs of splitmix64 for seed 1234567: the same on every arch. */
static void test_random(void)
{
	struct kit kit = { .state = 1234567 };

	ok(kit_random(&kit) == 6457827717110365317u && kit_random(&kit) == 3203168211198807973u,
	   "the numbers of splitmix64");
	for (int i = 0; i < 1000; i++) {
		if (kit_below(&kit, 3) > 2) {
			ok(false, "below its limit");
			return;
		}
	}
	ok(true, "below its limit");
}

static bool next_report(char *line, size_t size)
{
	ssize_t got = read(reports, line, size - 1);

	line[got > 0 ? got : 0] = '\0';
	return got > 0;
}

/* A victim that ends as told, and what is reported of it. */
static bool outcome_is(struct kit *kit, int exec_errno, int status, int signal, const char *want)
{
	char line[JSONL_MAX];
	pid_t victim;
	bool said;

	fflush(stdout);
	kit->races = true;
	victim = kit_fork(kit);
	if (victim == 0) {
		*kit->exec_errno = exec_errno;
		if (signal)
			raise(signal);
		_exit(status);
	}
	kit_outcome(kit, victim, 3, "trial");
	said = next_report(line, sizeof(line)) && strstr(line, "\"event\":\"trial\"") &&
	       strstr(line, "\"n\":3,") && strstr(line, want);
	if (!said)
		printf("# got %s", line);
	return said;
}

static void test_outcomes(void)
{
	struct kit kit = { .exec_errno = kit_shared(sizeof(int)) };
	char word[] = "GOOD";
	char line[JSONL_MAX];
	pid_t victim;

	ok(outcome_is(&kit, 0, 0, 0, "\"outcome\":\"ran\",\"errno\":0}"), "ran");
	ok(outcome_is(&kit, EPERM, KIT_EXEC_FAILED, 0, "\"outcome\":\"refused\",\"errno\":1}"),
	   "refused");
	ok(outcome_is(&kit, 0, 0, SIGKILL, "\"outcome\":\"killed\",\"errno\":0}"), "killed");
	ok(outcome_is(&kit, 0, 1, 0, "\"outcome\":\"broken\",\"errno\":0}"), "broken");
	ok(outcome_is(&kit, EPERM, 0, 0, "\"outcome\":\"ran\",\"errno\":0}"),
	   "one that ran beside one that was refused");
	ok(outcome_is(&kit, EPERM, KIT_BROKEN, 0, "\"outcome\":\"broken\",\"errno\":0}"),
	   "one that broke beside one that was refused");
	fflush(stdout);
	victim = kit_fork(&kit);
	if (victim == 0)
		kit_exec_witness(&kit, word, 4);
	kit_outcome(&kit, victim, 4, "trial");
	ok(next_report(line, sizeof(line)) && strstr(line, "refused") && *kit.exec_errno == ENOENT,
	   "an exec that comes back says why");
}

static void test_aim(void)
{
	struct kit kit = { .exec_errno = kit_shared(sizeof(int)), .aim_ns = 1000 };
	char line[JSONL_MAX];
	pid_t victim;

	outcome_is(&kit, EPERM, KIT_EXEC_FAILED, 0, "refused");
	ok(kit.aim_ns == 1500, "a refusal was too early: later next time");
	outcome_is(&kit, 0, 0, 0, "ran");
	ok(kit.aim_ns == 1250,
	   "an exec came before the write: earlier next time, by half the step");
	outcome_is(&kit, 0, 0, SIGKILL, "killed");
	ok(kit.aim_ns == 1250, "a kill says nothing about time");
	fflush(stdout);
	victim = kit_fork(&kit);
	if (victim == 0)
		_exit(0);
	kit_outcome(&kit, victim, 3, "trial");
	ok(next_report(line, sizeof(line)) && kit.aim_ns == 1250, "nor does who was not raced");
	for (int i = 0; i < 40; i++) { /* the judgement is at 5000 */
		bool early = kit.aim_ns < 5000;

		outcome_is(&kit, early ? EPERM : 0, early ? KIT_EXEC_FAILED : 0, 0,
			   early ? "refused" : "ran");
	}
	ok(kit.aim_ns > 4500 && kit.aim_ns < 5500, "the aim ends at the judgement: %llu",
	   (unsigned long long)kit.aim_ns);
	ok(kit.step_ns < 500, "and steps there are small: %llu", (unsigned long long)kit.step_ns);
	kit_aim(&kit, 1000);
	ok(kit.aim_ns == 1000 && kit.step_ns == 0, "what was learnt can be forgotten");
	for (int i = 0; i < 50; i++)
		outcome_is(&kit, EPERM, KIT_EXEC_FAILED, 0, "refused");
	ok(kit.aim_ns < 2000000000u, "the aim is bounded");
}

static void test_writer(void)
{
	struct kit kit = { .exec_errno = kit_shared(sizeof(int)), .pace_ns = 1000, .aim_ns = 1000 };
	struct kit again = { .honest = true, .pace_ns = 1000, .aim_ns = 1000 };
	struct kit_writer honest;
	char *word = kit_shared(4096);
	struct kit_writer writer;
	pid_t peer;

	fflush(stdout);
	memcpy(word, "GOOD", 5);
	kit_writer_init(&kit, &writer, word, false);
	kit_writer_init(&again, &honest, word, false);
	ok(writer.first_ns >= 750 && writer.first_ns <= 1250, "a single write is near its aim");
	ok(honest.writes == 0 && honest.first_ns == writer.first_ns && kit.state == again.state,
	   "an honest writer draws the same numbers and writes nothing");
	kit_writer_close(&honest);
	peer = kit_peer_start(&kit, &writer);
	ok(!strcmp(word, "GOOD"), "nothing is written before the start");
	kit_writer_start(&writer);
	for (int i = 0; i < 10000 && strcmp(word, "EVIL"); i++)
		kit_sleep_ns(1000000);
	ok(!strcmp(word, "EVIL"), "it is written after it");
	kit_peer_stop(peer, &writer);
	ok(waitpid(-1, NULL, 0) < 0 && errno == ECHILD, "no peer is left");
}

int main(void)
{
	int ends[2];

	/* Our own pipe must not land on the descriptor that it is moved to. */
	if (pipe(ends) || dup2(ends[0], 10) < 0 || dup2(ends[1], KIT_REPORT_FD) < 0)
		return 1;
	reports = 10;
	test_begin();
	test_random();
	test_outcomes();
	test_aim();
	test_writer();
	return tap_done();
}
