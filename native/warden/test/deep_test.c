// SPDX-License-Identifier: Apache-2.0
/* Calls done on a caller's behalf, or watched: what comes of them is what comes of them without us. */
#include "deep-behave.h"
#include "golden.h"
#include "harness.h"

#include <sys/stat.h>

#define STRICT LIST(NULL)

/* More than a call that waits for less than a second is looked at: at first after 10 ms, then less and less. */
#define ROUNDS_MOST 30

static bool notifies(void)
{
	return !strcmp(backend, "notify");
}

static void expect(const char *what, const char *const *lines, const char *name)
{
	const struct session *s = run_behaviour(STRICT, what, NULL);
	bool good = exited(s, 0);

	for (; *lines; lines++)
		good = good && said(s, *lines) == 1;
	check(good, name);
}

static void test_open(void)
{
	expect("open-plain",
	       LIST("good GOOD", "evil 33", "link 33", "dots 33", "fd 33", "how 33", NULL),
	       "a file is judged by where it is, whatever leads there");
	expect("open-create",
	       LIST("create 0", "mode 640", "exists 17", "evil 33", "through 33", "tmp 0", "dir 21",
		    "there 21", "slash 21", NULL),
	       "what is created is judged by where it will be, and has the caller's umask");
	expect("open-flags",
	       LIST("nofollow 40", "directory 20", "neither 20", "cloexec 1", "plain 0",
		    "append 18", "short 22", "long 7", "beneath 18", "in-root good", "crossing 18",
		    "staying 0", "jumping 18", "links 40", "missing 2", "together 22",
		    "how both 22", NULL),
	       "flags mean what they mean without us");
	expect("open-scoped", LIST("out of scope 0", "in scope 0", NULL),
	       "a walk that is to stay below does, whatever is moved under it");
	expect("open-self", LIST("comm deep_test", "stdin 0", "exe 0", "memory 0", "gone 0", NULL),
	       "links of /proc lead to what is the caller's");
	expect("open-keeper", LIST("mem denied", "fd denied", "cwd denied", NULL),
	       "and not to what is ours");
	if (notifies())
		expect("open-path", LIST("path 95", NULL), "O_PATH is refused by a stated errno");
}

static void test_wait(void)
{
	const struct session *s = run_behaviour(STRICT, "open-fifo", NULL);

	if (notifies())
		check(exited(s, 0) && said(s, "beside 1") == 1 && said(s, "fifo good") == 1,
		      "who waits for the other end of a FIFO makes nobody else wait");
	else
		check(exited(s, 0) && said(s, "beside 1") == 1 && said(s, "fifo 11") == 1,
		      "an open that would wait for somebody is refused");
	expect("connect-wait", LIST("beside 1", "connected 0", NULL),
	       "who waits in connect makes nobody else wait, and gets through");
	s = run_behaviour(STRICT, "die-waiting", NULL);
	check(exited(s, 0) && said(s, "dead 1") == 1, "who waits can be killed");
	start(&session, STRICT, LIST(self, "behave", "be-ended", NULL));
	pump(&session, "waits");
	usleep(SLEEPS_US);
	kill(session.pid, SIGTERM);
	end(&session);
	check(exited(&session, 128 + SIGTERM), "a run where somebody waits can be ended");
	if (sscanf(session.out.text, "waits in %63s", room) == 1)
		remove_room();
}

/* What is waited for is what was judged, whatever the path leads to by then. */
static void test_swaps(void)
{
	const struct session *s = run_behaviour(STRICT, "connect-swapped", NULL);

	check(exited(s, 0) && said(s, "astray 0") == 1 &&
		      said(s, notifies() ? "connected 0" : "connected 33") == 1,
	      "who waits in connect is not led elsewhere meanwhile");
	check(events_of(s, "judged", "unix:") < ROUNDS_MOST, "and is not judged all the time");
	s = run_behaviour(STRICT, "send-swapped", NULL);
	check(exited(s, 0) && said(s, "astray 0") == 1 &&
		      said(s, notifies() ? "sent 0" : "sent 33") == 1,
	      "nor is what waits to be sent");
	s = run_behaviour(STRICT, "connect-many", NULL);
	check(exited(s, 0) && said(s, "connected 0") == WAITERS &&
		      events_of(s, "judged", "unix:") < WAITERS * ROUNDS_MOST,
	      "several that wait get through, and leave each other alone");
	s = run_behaviour(STRICT, "connect-crowd", NULL);
	check(exited(s, 0) && said(s, "connected 11") >= 1 && said(s, "connected 11") <= 4,
	      "no more than 32 wait");
	if (!notifies())
		expect("connect-ended", LIST("signalled 4", "limited 4", NULL),
		       "a signal ends the waiting, and who has a time limit is told at once");
}

static void test_sockets(void)
{
	expect("unix",
	       LIST("bind 0", "connect 0", "evil bind 33", "evil connect 33", "gone 2", "again 98",
		    "link 33", NULL),
	       "sockets with a path are judged by where they are");
	expect("unix-order",
	       LIST("no socket 88", "no file 9", "stream 95", "long 22", "other 97", "taken 98",
		    NULL),
	       "what the socket has to say comes before what the address leads to");
	expect("send",
	       LIST("sendto 5 hello", "sendmsg 10 helloworld", "sendmmsg", "evil 33", "pipe 32",
		    "none 107", "no messages 0", "no messages, no file 9", NULL),
	       "what is sent arrives whole");
	expect("reply", LIST("reply 0", NULL),
	       "an image is told nothing of its predecessor's call");
	expect("inet", LIST("evil 33", "refused 111", NULL), "a port is judged");
	expect("inet-unspecified",
	       LIST("evil bind 33", "evil send 33", "nobody 0", "short 22", "good send 0", NULL),
	       "also where no family is said, but for connect, which means nobody by it");
	if (notifies())
		expect("rights", LIST("rights 95", NULL), "files are not sent along");
}

/* As expect, where there are user namespaces. */
static void expect_there(const char *what, const char *const *lines, const char *name)
{
	const struct session *s = run_behaviour(STRICT, what, NULL);

	if (said(s, "no namespaces"))
		printf("ok %d # SKIP there are no such namespaces\n", ++tap_count);
	else
		expect(what, lines, name);
}

static void test_names(void)
{
	expect_there("other-roots",
		     LIST("absolute 33", "relative 33", "new 33", "its socket 33", "evil 33",
			  "honest 0", "again 0", "root 0", "socket 0", NULL),
		     "with another root both names of a file are judged");
	expect_there("other-mounts",
		     LIST("file 1", "unix 1", "port 111", "by a link 1", "from its directory 1",
			  "by our own 0", NULL),
		     "where names are not those of the policy nothing is judged by them");
	check(events_of(&session, "unjudged", "mount namespace") == 4, "and it is said why");
}

static void test_lies(void)
{
	expect("lies",
	       LIST("open 14", "edge 14", "openat2 14", "connect 14", "long 22", "negative 22",
		    "sendto 14", "sendmsg 14", "iov 14", "many 90", "wide 22", "alive GOOD", NULL),
	       "bad pointers and sizes get the kernel's own errno, and nothing else comes of them");
}

static void test_credentials(void)
{
	const struct session *s;

	/* Root's CAP_PERFMON opens maps as well, on newer kernels. */
	expect("peek", LIST("cwd 13", "own GOOD", geteuid() ? "maps 13" : NULL, NULL),
	       "what the caller may not look into is not looked into for it");
	s = run_behaviour(STRICT, "closed", NULL);
	/* What a call has opened is found in a directory that is then root's. */
	if (geteuid() == 0 || (may_trace() && notifies()))
		check(exited(s, 0) && said(s, "closed GOOD") == 1 && said(s, "socket 0") == 1,
		      "who is not dumpable is served where we may look at it");
	else
		check(exited(s, 0) && said(s, "closed 1") == 1 &&
			      said(s, may_trace() ? "socket 0" : "socket 1") == 1,
		      "who is not dumpable is refused what we may not look at");
	if (geteuid())
		return;
	s = run_behaviour(STRICT, "other-uid", NULL);
	if (notifies())
		check(exited(s, 0) && said(s, "secret 1") == 1 &&
			      events_of(s, "unjudged", "credentials") >= 1,
		      "who may less than we may is not served");
	else
		check(exited(s, 0) && said(s, "secret 13") == 1, "who may less gets no more");
}

static void test_all(void)
{
	make_policy_file();
	if (!write_policy(golden_deep_calls))
		abort();
	test_open();
	test_wait();
	test_swaps();
	test_sockets();
	test_names();
	test_lies();
	test_credentials();
	unlink(policy_file);
}

static void test_backends(void)
{
	static const char *const backends[] = { "notify", "trace" };

	for (size_t i = notify_works() ? 0 : 1; i < 2; i++) {
		backend = backends[i];
		test_all();
	}
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "behave"))
		behave(argv[2]);
	if (!find_programs())
		return 1;
	as_everybody(test_backends);
	return tap_done();
}
