// SPDX-License-Identifier: Apache-2.0
/* /proc as hidepid=2 shows it, to a warden that may not look behind that. */
#include "golden.h"
#include "harness.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>

static void say_exec(void)
{
	char *const argv[] = { "echo", "GOOD", NULL };

	execv("/bin/echo", argv);
	printf("errno %d\n", errno);
}

/* Another process of the run shows itself no longer while it lives, and is not ended by this one. */
static void exec_beside(bool hidden)
{
	int ready[2];
	char byte = 0;

	if (pipe(ready) < 0)
		_exit(97);
	if (fork() == 0) {
		if (hidden && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
			_exit(97);
		if (write(ready[1], &byte, 1) != 1)
			_exit(97);
		for (;;)
			pause();
	}
	if (read(ready[0], &byte, 1) != 1)
		_exit(97);
	say_exec();
}

static void say_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	printf("fork %d\n", pid < 0 ? errno : waitpid(pid, NULL, 0) != pid);
}

/* Without an address, so that nothing has to be read for it. */
static void say_send(void)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		_exit(97);
	printf("send %d\n", send(pair[0], "x", 1, 0) < 0 ? errno : 0);
	printf("open %d\n", open("/dev/null", O_RDONLY) < 0 ? errno : 0);
}

static _Noreturn void behave(const char *what)
{
	bool hidden = strncmp(what, "beside", 6);

	if (hidden && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		_exit(97);
	if (!strcmp(what, "fork"))
		say_fork();
	else if (!strcmp(what, "send"))
		say_send();
	else if (hidden)
		say_exec();
	else
		exec_beside(!strcmp(what, "beside-hidden"));
	fflush(stdout);
	_exit(0);
}

static void test_peers(void)
{
	const struct session *s = run_behaviour(LIST(NULL), "beside-seen", NULL);

	check(exited(s, 0) && said(s, "GOOD") == 1, "an exec beside a process that is seen");
	s = run_behaviour(LIST(NULL), "beside-hidden", NULL);
	check(exited(s, 0) && said(s, "errno 1") == 1 && !said(s, "GOOD") &&
		      events_of(s, "unjudged", "\"decision\":\"deny\"") == 1,
	      "beside one that is not it is refused: nobody could stop that one");
}

static void test_callers(void)
{
	bool notifies = !strcmp(backend, "notify");
	const struct session *s = run_behaviour(LIST(NULL), "fork", NULL);

	check(exited(s, 0) && said(s, notifies ? "fork 1" : "fork 0") == 1 &&
		      events_of(s, "unjudged", "\"decision\":\"deny\"") == notifies,
	      "who is not seen is answered when it forks");
	s = run_behaviour(LIST(NULL), "exec", NULL);
	check(exited(s, 0) && said(s, "errno 1") == 1, "and when it execs");
	write_policy(golden_deep_calls);
	s = run_behaviour(LIST(NULL), "send", NULL);
	check(exited(s, 0) && said(s, "send 1") == 1 && said(s, "open 1") == 1 &&
		      events_of(s, "unjudged", "\"decision\":\"deny\"") == 2,
	      "and when it sends or opens");
	write_policy(golden_no_evil);
}

/* hidepid was an affair of the whole PID namespace once (before 5.8): so this is in one of its own. */
static int in_hidden_proc(void)
{
	static const char *const backends[] = { "notify", "trace" };
	int status;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "hidepid=2") < 0)
		return 1;
	if (!become_other(0))
		return 1;
	make_policy_file();
	if (!write_policy(golden_no_evil))
		return 1;
	for (size_t i = 0; i < 2; i++) {
		backend = backends[i];
		test_peers();
		test_callers();
	}
	if (unlink(policy_file) < 0)
		return 1;
	status = tap_done();
	fflush(stdout);
	return status;
}

int main(int argc, char **argv)
{
	int status;
	pid_t child;

	if (argc > 2 && !strcmp(argv[1], "behave"))
		behave(argv[2]);
	if (!find_programs())
		return 1;
	if (unshare(CLONE_NEWNS | CLONE_NEWPID) < 0) {
		printf("1..0 # SKIP only root mounts a /proc of its own\n");
		return 0;
	}
	child = fork();
	if (child == 0)
		_exit(in_hidden_proc());
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return 1;
	/* No exit handlers: a namespace whose first process is gone has no room for theirs. */
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}
