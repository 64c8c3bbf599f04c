// SPDX-License-Identifier: Apache-2.0
#include "exec-race.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const shapes[] = { "plain", NULL };
static char *steps; /* shared; one letter each */
static bool is_refused;

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

int main(void)
{
	if (dup2(STDERR_FILENO, KIT_REPORT_FD) < 0)
		return 1;
	if (setenv("PF_SEED", "1", 1) || setenv("PF_TRIALS", "2", 1))
		return 1;
	steps = kit_shared(16);
	test_run();
	return tap_done();
}
