// SPDX-License-Identifier: Apache-2.0
/* CAP_SYS_PTRACE is the warden's alone: as root, as another user who has it, and without it. */
#include "golden.h"
#include "harness.h"
#include "privilege-behave.h"

#define STRICT LIST(NULL)

static void test_sets(void)
{
	const struct session *s = run_behaviour(STRICT, "sets", NULL);
	bool root = geteuid() == 0;

	/* Who may not lower the bounding set leaves it; no_new_privs makes it worth nothing. */
	check(exited(s, 0) && (said(s, "sets: end") == 1 || (!root && said(s, "sets: Bnd end"))),
	      "the command has CAP_SYS_PTRACE in no set");
}

static void test_reach(void)
{
	const struct session *s = run_behaviour(STRICT, "reach", NULL);
	bool keeps = !strcmp(backend, "notify");

	check(exited(s, 0) && said(s, "warden 1") == 1, "nor may it trace the warden");
	check(said(s, keeps ? "keepers 1 traced 0" : "keepers 0 traced 0") == 1,
	      "nor the keeper, which holds the listener as well");
}

static void test_closed(void)
{
	const struct session *s = run_behaviour(STRICT, "closed", NULL);

	if (geteuid() == 0 || may_trace())
		check(exited(s, 0) && said(s, "GOOD") == 1 && events_of(s, "verified", NULL) == 2,
		      "who is not dumpable forks and execs like everybody");
	else
		check(exited(s, 0) && !said(s, "GOOD") &&
			      said(s, strcmp(backend, "notify") ? "exec 1" : "fork 1") == 1,
		      "who is not dumpable is refused what cannot be judged");
}

static void test_all(void)
{
	static const char *const backends[] = { "notify", "trace" };

	for (size_t i = 0; i < 2; i++) {
		backend = backends[i];
		make_policy_file();
		if (!write_policy(golden_no_evil))
			abort();
		test_sets();
		test_reach();
		test_closed();
		unlink(policy_file);
	}
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "behave"))
		behave(argv[2]);
	if (!find_programs())
		return 1;
	as_everybody(test_all);
	return tap_done();
}
