// SPDX-License-Identifier: Apache-2.0
#include "exec-race.h"
#include "tap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const shapes[] = { "plain", NULL };
static char *steps; /* shared; one letter each */
static bool is_refused;
static int reports; /* the reading end of what goes to KIT_REPORT_FD */

static void step(char letter)
{
	steps[strlen(steps)] = letter;
}

static void set_up(struct kit *kit)
{
	step(kit->pace_ns ? '?' : 's'); /* before the warm-up */
}

static bool probe(struct kit *kit)
{
	step(kit->pace_ns ? 'p' : '?');
	return is_refused;
}

static void armed(struct kit *kit)
{
	(void)kit;
	step('a');
}

static void try_once(struct kit *kit, unsigned n)
{
	if (n == 1) { /* as whoever waits for a victim may be a child */
		pid_t pid = kit_fork(kit);

		if (pid == 0) {
			kit_aim(kit, 77);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
	step(kit->aim_ns == 77 ? (char)('0' + n) : '?');
}

static int run(bool honest, bool refused)
{
	const struct exec_race race = { set_up, probe, armed, try_once };
	char *argv[] = { "attack", honest ? "--honest" : NULL, NULL };

	memset(steps, 0, 16);
	is_refused = refused;
	fflush(stdout);
	return exec_race_run(honest ? 2 : 1, argv, shapes, &race);
}

static void test_run(void)
{
	ok(run(false, true) == 0 && !strcmp(steps, "spa12"), "steps and trials: %s", steps);
	ok(run(false, false) == 1 && !strcmp(steps, "sp"), "EVIL that is let through: %s", steps);
	ok(run(true, false) == 0 && !strcmp(steps, "sa12"), "nobody probes honestly: %s", steps);
}

static pid_t start_nobody(struct kit *kit, struct kit_writer *writer)
{
	(void)kit;
	step(*writer->word);
	return 0;
}

static pid_t start_peer(struct kit *kit, struct kit_writer *writer)
{
	step(*writer->word);
	return kit_peer_start(kit, writer);
}

static void ready(struct kit *kit)
{
	(void)kit;
	step('r');
}

/* The witness is not here, so that its exec is refused. */
static bool trial_is(const struct exec_peer *peer, const char *want)
{
	struct kit kit = { .exec_errno = kit_shared(sizeof(int)), .pace_ns = 1000, .aim_ns = 1000 };
	char line[JSONL_MAX + 1] = "";

	memset(steps, 0, 16);
	fflush(stdout);
	exec_peer_trial(&kit, peer, 5);
	return read(reports, line, JSONL_MAX) > 0 && strstr(line, "\"event\":\"trial\"") &&
	       strstr(line, "\"n\":5,\"outcome\":\"refused\"") && !strcmp(steps, want) &&
	       waitpid(-1, NULL, 0) < 0 && errno == ECHILD;
}

static void test_peer(void)
{
	ok(trial_is(&(struct exec_peer){ 0 }, ""), "a peer and a victim, and nobody is left");
	ok(trial_is(&(struct exec_peer){ .start = start_nobody, .ready = ready }, "Gr"),
	   "the word is GOOD; who was not started is not stopped");
	ok(trial_is(&(struct exec_peer){ .evil = true, .start = start_peer, .ready = ready }, "Er"),
	   "the word is EVIL; who was started is stopped");
}

int main(void)
{
	int ends[2];

	/* Our own pipe must not land on the descriptor that it is moved to. */
	if (pipe(ends) || dup2(ends[0], 10) < 0 || dup2(ends[1], KIT_REPORT_FD) < 0)
		return 1;
	if (setenv("PF_SEED", "1", 1) || setenv("PF_TRIALS", "2", 1))
		return 1;
	reports = 10;
	steps = kit_shared(16);
	test_run();
	test_peer();
	return tap_done();
}
