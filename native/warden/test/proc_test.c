// SPDX-License-Identifier: Apache-2.0
#include "proc.h"

#include "tap.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TAIL " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 987654 20 21\n"

static struct proc_stat stat_out;

static int parse(const char *text)
{
	memset(&stat_out, 0, sizeof(stat_out));
	return proc_parse_stat(text, strlen(text), &stat_out);
}

static void reads(const char *comm, char state, const char *name)
{
	char text[512];
	int err;

	snprintf(text, sizeof(text), "4711 (%s) %c 42" TAIL, comm, state);
	err = parse(text);
	ok(!err && stat_out.pid == 4711 && stat_out.ppid == 42 && stat_out.state == state,
	   "comm: %s", name);
}

static void test_hostile_names(void)
{
	reads("cat", 'S', "plain");
	reads(") R (", 'S', "brackets that look like the end");
	reads("x) Z 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 5", 'D', "a whole forged line");
	reads("a\nb c", 'T', "a newline and blanks");
	reads("", 'R', "empty");
	reads("((((", 'R', "opening brackets only");
}

static void test_damage(void)
{
	ok(parse("") == -EINVAL, "nothing");
	ok(parse("12") == -EINVAL, "a pid alone");
	ok(parse("12 (a") == -EINVAL, "no end of comm");
	ok(parse("12 (a)") == -EINVAL && parse("12 (a) ") == -EINVAL &&
		   parse("12 (a) R") == -EINVAL,
	   "cut behind comm");
	ok(parse("12 (a) R ") == -EINVAL, "no parent");
	ok(parse("99999999999 (a) R 1" TAIL) == -EINVAL, "a pid beyond int");
	ok(parse("12 (a) R 99999999999999999999" TAIL) == -EINVAL, "a number beyond 64 bits");
	ok(parse("12 (a) R 2147483647 1") == 0 && stat_out.ppid == 2147483647, "the largest pid");
}

static void *say_whether_we_lead(void *leads)
{
	*(bool *)leads = proc_leads((pid_t)syscall(SYS_gettid));
	return NULL;
}

static void test_leaders(void)
{
	bool leads = true;
	pthread_t thread;

	ok(proc_leads(getpid()) && !proc_leads(0x7ffffff0), "a process leads, and nobody does not");
	ok(!pthread_create(&thread, NULL, say_whether_we_lead, &leads) &&
		   !pthread_join(thread, NULL) && !leads,
	   "a thread does not");
}

static void *wait_for_word(void *pipe_fd)
{
	char word;

	return read(*(int *)pipe_fd, &word, 1) == 1 ? pipe_fd : NULL;
}

static void test_threads(void)
{
	int alone = proc_threads(getpid()), fds[2];
	pthread_t thread;
	void *heard;

	ok(proc_threads(0x7ffffff0) == -ESRCH, "nobody has no threads");
	ok(!pipe(fds) && !pthread_create(&thread, NULL, wait_for_word, &fds[0]) &&
		   proc_threads(getpid()) == alone + 1,
	   "one more thread is counted");
	ok(write(fds[1], "", 1) == 1 && !pthread_join(thread, &heard) && heard, "and ends");
	close(fds[0]);
	close(fds[1]);
}

static void test_oneself(void)
{
	struct args cmdline = { 0 };

	ok(prctl(PR_SET_NAME, ") Z 1 (") == 0 && proc_stat(getpid(), &stat_out) == 0 &&
		   stat_out.pid == getpid() && stat_out.ppid == getppid() && stat_out.state == 'R',
	   "one's own entry, under a hostile name");
	ok(proc_tgid(getpid()) == getpid() && proc_tracer(getpid()) == 0, "status of oneself");
	ok(!proc_is_dead(getpid()) && proc_is_dead(0x7ffffff0), "dead and alive");
	ok(proc_cmdline(getpid(), &cmdline) == 0 && cmdline.used > 0 &&
		   !cmdline.bytes[cmdline.used - 1],
	   "the command line ends in a NUL");
	args_free(&cmdline);
}

int main(void)
{
	test_hostile_names();
	test_damage();
	test_leaders();
	test_threads();
	test_oneself();
	return tap_done();
}
