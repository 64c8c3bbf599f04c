// SPDX-License-Identifier: Apache-2.0
/* The planted bugs: the warden cannot be asked for them, and in warden-flawed each is there, alone. */
#include "behave.h"
#include "golden.h"
#include "harness.h"

#define EXIT_WORDS 2

static const char *flawed;

/* How it ends, and its last words, when it is asked for this flaw. */
static int ask(const char *program, const char *flaw, char *words, size_t size)
{
	char command[8400];
	FILE *f;
	int status;

	snprintf(command, sizeof(command), "'%s' run --flaw '%s' --policy '%s' -- /bin/true 2>&1",
		 program, flaw, policy_file);
	words[0] = '\0';
	f = popen(command, "r");
	if (!f)
		abort();
	while (fgets(words, (int)size, f))
		;
	words[strcspn(words, "\n")] = '\0';
	status = pclose(f);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_words(void)
{
	char words[256];

	ok(ask(warden, "untraced", words, sizeof(words)) == EXIT_WORDS &&
		   !strcmp(words, "warden: --flaw: unknown flag"),
	   "the warden knows no flaws: %s", words);
	ok(ask(flawed, "unheard-of", words, sizeof(words)) == EXIT_WORDS &&
		   !strcmp(words, "warden: unheard-of: unknown value"),
	   "and its flawed twin none but its own: %s", words);
	ok(ask(flawed, "", words, sizeof(words)) == EXIT_WORDS, "not even one without a name");
	ok(ask(flawed, "untraced", words, sizeof(words)) == 0, "which it takes");
}

/* What each of them does with execs that nobody races, and with CLONE_UNTRACED. */
static void test_flaw(const char *flaw, int verified, int untraced)
{
	const struct session *s;
	char text[128];

	s = run_behaviour(LIST("--flaw", flaw, NULL), "thread-exec", NULL);
	snprintf(text, sizeof(text), "\"flaw\":\"%s\"", flaw);
	check(exited(s, 0) && said(s, "GOOD") == 1 && events_of(s, "started", text) == 1, flaw);
	snprintf(text, sizeof(text), "%s: %d of 2 images are compared", flaw, verified);
	check(events_of(s, "verified", NULL) == verified &&
		      events_of(s, "judged", "\"decision\":\"allow\"") == 2,
	      text);
	s = run_behaviour(LIST("--flaw", flaw, NULL), "exec", "EVIL");
	check(said(s, "errno 1") == 1 && !said(s, "EVIL"), "what the policy denies is denied");
	s = run_behaviour(LIST("--flaw", flaw, NULL), "escape", NULL);
	snprintf(text, sizeof(text), "untraced %d clone3 %d", untraced, ENOSYS);
	check(said(s, text) == 1, text);
}

static void test_backend(const char *name)
{
	const struct session *s;

	backend = name;
	s = run_behaviour(LIST(NULL), "thread-exec", NULL);
	check(exited(s, 0) && said(s, "GOOD") == 1 && events_of(s, "verified", NULL) == 2 &&
		      events_of(s, "started", NULL) == 1 && !events_of(s, "started", "flaw"),
	      "where no flaw is asked for there is none");
	test_flaw("early-detach", 0, EPERM);
	test_flaw("untraced", 2, 0);
	test_flaw("single-pass", 0, EPERM);
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "behave"))
		behave(argv[2], argc > 3 ? argv[3] : "");
	flawed = getenv("WARDEN_FLAWED");
	if (!find_programs() || !flawed)
		return 1;
	make_policy_file();
	if (!write_policy(golden_no_evil))
		return 1;
	test_words();
	warden = flawed;
	if (notify_works())
		test_backend("notify");
	else
		printf("ok %d # SKIP this kernel lacks user notification\n", ++tap_count);
	test_backend("trace");
	unlink(policy_file);
	return tap_done();
}
