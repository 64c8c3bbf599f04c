/* SPDX-License-Identifier: Apache-2.0 */
/* What the run test's own program does when it is run under the warden: one small behaviour each.
 */
#ifndef PF_BEHAVE_H
#define PF_BEHAVE_H

#include "arch/arch.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ECHO   "/bin/echo"
#define TRIALS 50

/* One line, one write: lines of several processes do not mix. */
__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	char line[256];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (write(STDOUT_FILENO, line, (size_t)n) != n)
		_exit(99);
}

static void echo(const char *word)
{
	char *argv[] = { "echo", (char *)word, NULL };

	execv(ECHO, argv);
}

static void exec_word(const char *word)
{
	echo(word);
	say("errno %d\n", errno);
}

static void *exec_in_thread(void *word)
{
	echo(word);
	say("errno %d\n", errno);
	return NULL;
}

static void start_thread(void *(*body)(void *), void *context)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, body, context))
		_exit(98);
}

static atomic_uint turns;

static void *turn(void *unused)
{
	(void)unused;
	for (;;)
		atomic_fetch_add(&turns, 1);
	return NULL;
}

static void thread_exec(void)
{
	start_thread(turn, NULL);
	start_thread(exec_in_thread, "GOOD");
	for (;;)
		pause();
}

static void leaderless_exec(void)
{
	start_thread(turn, NULL);
	start_thread(exec_in_thread, "GOOD");
	syscall(SYS_exit, 0); /* this thread alone */
}

/* A program that cannot be mapped: the kernel learns of that when the old image is gone. */
static void make_fatal(char *path)
{
	struct {
		ElfW(Ehdr) head;
		ElfW(Phdr) part;
	} elf;
	int own = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), fd = mkstemp(path);

	if (own < 0 || fd < 0 || read(own, &elf.head, sizeof(elf.head)) != sizeof(elf.head))
		_exit(97);
	elf.head.e_type = ET_EXEC;
	elf.head.e_phoff = sizeof(elf.head);
	elf.head.e_phnum = 1;
	elf.part = (ElfW(Phdr)){ .p_type = PT_LOAD,
				 .p_flags = PF_R | PF_X,
				 .p_vaddr = (ElfW(Addr)) - 0x10000,
				 .p_filesz = sizeof(elf),
				 .p_memsz = sizeof(elf),
				 .p_align = 4096 };
	if (write(fd, &elf, sizeof(elf)) != sizeof(elf) || fchmod(fd, 0700) < 0)
		_exit(97);
	close(own);
	close(fd);
}

static void *exec_fatal(void *path)
{
	char *argv[] = { path, NULL };

	execv(path, argv);
	say("errno %d\n", errno);
	_exit(1);
}

static void fatal_exec(void)
{
	char path[] = "/tmp/warden-fatal-XXXXXX";
	struct timespec begin, end;
	int status = 0;
	pid_t pid;

	make_fatal(path);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	pid = fork();
	if (pid == 0) {
		start_thread(turn, NULL);
		start_thread(exec_fatal, path);
		for (;;)
			pause();
	}
	if (waitpid(pid, &status, 0) != pid)
		_exit(96);
	clock_gettime(CLOCK_MONOTONIC, &end);
	unlink(path);
	say("died %d soon %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0,
	    end.tv_sec - begin.tv_sec < 5);
}

/* After each failing exec the sibling thread and the other process must turn again. */
static void failing_exec(void)
{
	char *argv[] = { "x", NULL };
	unsigned before;
	int errors = 0;

	start_thread(turn, NULL);
	for (int i = 0; i < 20; i++) {
		errors += execv("/nonexistent/x", argv) < 0 && errno == ENOENT;
		before = atomic_load(&turns);
		while (atomic_load(&turns) == before)
			sched_yield();
	}
	say("failed %d\n", errors);
}

static void *fail_to_fork(void *unused)
{
	(void)unused;
	for (;;)
		syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0);
	return NULL;
}

static void wait_all(int count)
{
	int good = 0;

	for (int i = 0; i < count; i++) {
		int status;

		if (wait(&status) > 0 && WIFEXITED(status) && !WEXITSTATUS(status))
			good++;
	}
	say("children %d\n", good);
}

static void spawn(void)
{
	char *argv[] = { "echo", "GOOD", NULL }, *none[] = { NULL };
	pid_t pid;

	if (posix_spawn(&pid, ECHO, NULL, NULL, argv, none))
		_exit(97);
	wait_all(1);
}

static void fork_many(int count)
{
	for (int i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			echo("GOOD");
			_exit(1);
		}
		if (pid < 0)
			_exit(96);
	}
	wait_all(count);
}

/* Each exec ends threads that were let into forks a moment ago, and those that ask for the next. */
static void exec_beside_forks(void)
{
	for (int i = 0; i < TRIALS; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			for (int j = 0; j < 4; j++)
				start_thread(fail_to_fork, NULL);
			usleep((unsigned)i * 50);
			echo("GOOD");
			_exit(1);
		}
		if (waitpid(pid, NULL, 0) != pid)
			_exit(96);
	}
}

static void do_nothing(int signal)
{
	(void)signal;
}

/* In the background until it is killed. */
static pid_t make_noise(void (*noise)(void))
{
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGUSR1, do_nothing);
		for (;;)
			noise();
	}
	if (pid < 0)
		_exit(96);
	return pid;
}

static void raise_one(void)
{
	raise(SIGUSR1);
}

static void raise_now_and_then(void)
{
	usleep(10000);
	raise(SIGUSR1);
}

static void make_child(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
}

/* Whoever is killed on its way out of fork tells nobody of its child. */
static void exec_beside_killed_makers(void)
{
	pid_t clock = make_noise(raise_now_and_then);

	for (unsigned i = 0; i < 10 * TRIALS; i++) {
		pid_t maker = make_noise(make_child);

		usleep(500 + i * 7 % 997);
		kill(maker, SIGKILL);
		waitpid(maker, NULL, 0);
		if (i % 10 == 9)
			fork_many(1);
	}
	kill(clock, SIGKILL);
}

#define STORMERS 6

/* Signals without end stop somebody all the time. */
static void exec_in_storm(void)
{
	for (int i = 0; i < STORMERS; i++)
		make_noise(raise_one);
	for (int i = 0; i < TRIALS; i++)
		make_child();
	echo("GOOD");
}

/* One thread's child lingers between vfork and exec; others must be able to exec meanwhile. */
static void *vfork_and_linger(void *unused)
{
	struct timespec pause_time = { .tv_nsec = 600000000 };
	pid_t pid;

	(void)unused;
	pid = (pid_t)syscall(SYS_clone, CLONE_VFORK | SIGCHLD, 0, 0, 0,
			     0); /* its own memory: safe to call libc */
	if (pid == 0) {
		nanosleep(&pause_time, NULL);
		_exit(0);
	}
	return NULL;
}

static void exec_beside_vfork(void)
{
	struct timespec start = { .tv_nsec = 200000000 };

	start_thread(vfork_and_linger, NULL);
	nanosleep(&start, NULL); /* the vfork must be under way; nothing tells when */
	fork_many(1);
}

/* The errno of a call that makes a process, 0 when it made one. */
static int fork_errno(long pid)
{
	if (pid == 0)
		_exit(0);
	return pid < 0 ? errno : 0;
}

static void escape(void)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	int untraced = fork_errno(syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0));
	int clone3 = fork_errno(syscall(SYS_clone3, &args, sizeof(args)));
	int x32 = ENOSYS; /* where there is a second table at all */

	if (arch.alien_bit)
		x32 = syscall((long)(arch.alien_bit | SYS_getpid)) < 0 ? errno : 0;

	say("untraced %d clone3 %d x32 %d\n", untraced, clone3, x32);
}

/* A clone that fails leaves the caller traced for a while: it must not be hurt by it. */
static void failing_clone(void)
{
	for (int i = 0; i < 5; i++)
		say("clone %d\n",
		    syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0) < 0 ? errno : 0);
	start_thread(turn, NULL);
	fork_many(1);
	echo("GOOD");
}

/* Children that wait for the end of `gate`, until a fork fails; *error is why. */
static int fork_to_limit(int gate, pid_t *last, int *error)
{
	for (int made = 0;; made++) {
		pid_t pid = fork();
		char byte;

		if (pid == 0)
			_exit(read(gate, &byte, 1) != 0);
		if (pid < 0) {
			*error = errno;
			return made;
		}
		*last = pid;
	}
}

/* Threads and clones that fail take no place; who is waited for gives theirs back. */
static void process_limit(void)
{
	int gate[2], first, again, error;
	pid_t last = 0;

	if (pipe(gate))
		_exit(92);
	start_thread(turn, NULL);
	for (int i = 0; i < 3; i++)
		if (syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0) == 0)
			_exit(91);
	first = fork_to_limit(gate[0], &last, &error);
	say("made %d errno %d\n", first, error);
	kill(last, SIGKILL);
	if (waitpid(last, NULL, 0) != last)
		_exit(90);
	again = fork_to_limit(gate[0], &last, &error);
	say("again %d errno %d\n", again, error);
	close(gate[1]); /* the children hold it too: they end with us */
}

static void bad_pointers(void)
{
	char *argv[] = { "echo", (char *)8, NULL };

	say("argv %d\n", syscall(SYS_execve, ECHO, (char **)8, NULL) < 0 ? errno : 0);
	say("element %d\n", syscall(SYS_execve, ECHO, argv, NULL) < 0 ? errno : 0);
	say("path %d\n", syscall(SYS_execve, (char *)8, argv, NULL) < 0 ? errno : 0);
}

static void exec_fd(void)
{
	char *argv[] = { "echo", "GOOD", NULL }, *none[] = { NULL };
	int fd = open(ECHO, O_PATH | O_CLOEXEC);

	syscall(SYS_execveat, fd, "", argv, none, AT_EMPTY_PATH);
	say("errno %d\n", errno);
}

/* Holds a lease until the gate is closed, whoever wants the file. */
static void hold_lease(const char *path, int ready, int gate)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), lease;
	char byte = 0;

	signal(SIGIO, SIG_IGN);
	lease = fcntl(fd, F_SETLEASE, F_WRLCK) < 0 ? errno : 0;
	say("lease %d\n", lease);
	if (write(ready, &byte, 1) != 1 || read(gate, &byte, 1) != 0)
		_exit(97);
	_exit(0);
}

static void exec_leased(const char *path)
{
	struct timespec begin, end;
	char *argv[] = { "x", NULL };
	int err;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	err = execv(path, argv) < 0 ? errno : 0;
	clock_gettime(CLOCK_MONOTONIC, &end);
	say("errno %d soon %d\n", err, end.tv_sec - begin.tv_sec < 5);
}

static void leased(void)
{
	static const char script[] = "#!/bin/echo GOOD\n";
	char path[] = "/tmp/warden-leased-XXXXXX", byte;
	int ready[2], gate[2], fd = mkstemp(path);
	pid_t pid;

	if (fd < 0 || write(fd, script, sizeof(script) - 1) != sizeof(script) - 1 ||
	    fchmod(fd, 0700) < 0 || close(fd) < 0 || pipe2(ready, O_CLOEXEC) || pipe(gate))
		_exit(97);
	pid = fork();
	if (pid == 0) {
		close(gate[1]);
		hold_lease(path, ready[1], gate[0]);
	}
	if (read(ready[0], &byte, 1) != 1)
		_exit(96);
	exec_leased(path);
	close(gate[1]);
	waitpid(pid, NULL, 0);
	pid = fork();
	if (pid == 0)
		exec_leased(path);
	waitpid(pid, NULL, 0);
	unlink(path);
}

/* Registers as a program may leave them: the kernel looks at the lower halves of these. */
static void priority(void)
{
	static const int whos[] = { -7, 5, 0 };
	const unsigned long dirt = 0x7eadbeef00000000ul;

	for (size_t i = 0; i < sizeof(whos) / sizeof(whos[0]); i++) {
		long result = syscall(SYS_getpriority, dirt, dirt | (unsigned)whos[i]);

		printf("who %d: %d\n", whos[i], result < 0 ? errno : 0);
	}
	fflush(stdout);
}

static void many_args(void)
{
	static char *argv[20002];

	for (int i = 0; i < 20000; i++)
		argv[i] = "a";
	argv[20000] = "EVIL";
	argv[0] = "true";
	execv("/bin/true", argv);
	say("errno %d\n", errno);
}

static void on_alarm(int signal)
{
	(void)signal;
}

/* One signal a trial, each a little later, so that they hit forks and execs at every point of
 * theirs. */
static void under_signals(void)
{
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	int good = 0, error = 0;

	sigaction(SIGALRM, &action, NULL);
	for (int i = 0; i < TRIALS; i++) {
		struct itimerval once = { .it_value = { 0, 1 + i * 100 } };
		int status = -1;
		pid_t pid;

		setitimer(ITIMER_REAL, &once, NULL);
		pid = fork();
		if (pid == 0) {
			echo("GOOD");
			_exit(1);
		}
		if (pid < 0)
			error = errno;
		while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		good += pid > 0 && WIFEXITED(status) && !WEXITSTATUS(status);
	}
	say("good %d error %d\n", good, error);
}

/* `word` is aligned, so each store is whole. */
static void flip(char *word)
{
	volatile uint32_t *at = (volatile uint32_t *)(void *)word;
	uint32_t evil, good;

	memcpy(&evil, "EVIL", sizeof(evil));
	memcpy(&good, "GOOD", sizeof(good));
	for (;;) {
		*at = evil;
		for (volatile int i = 0; i < 500; i++)
			;
		*at = good;
		for (volatile int i = 0; i < 500; i++)
			;
	}
}

static void exec_trials(char *word)
{
	for (int i = 0; i < TRIALS; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			echo(word);
			_exit(1);
		}
		while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
}

/* A peer of the same memory rewrites argv[1] all the time. */
static void peer_rewrite(void)
{
	char *word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t peer;

	if (word == MAP_FAILED)
		_exit(95);
	memcpy(word, "GOOD", 5);
	peer = fork();
	if (peer == 0)
		flip(word);
	exec_trials(word);
	kill(peer, SIGKILL);
}

/* The memory is a file that somebody outside rewrites, whom the warden cannot know. */
static void outsider_rewrite(const char *file)
{
	int fd = open(file, O_RDWR | O_CLOEXEC);
	char *word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (word == MAP_FAILED)
		_exit(94);
	exec_trials(word);
}

/* Stopped and continued by job control: the parent sees each, as with nobody between them. */
static void job_control(void)
{
	int seen = 0, status;
	pid_t pid = fork();

	if (pid == 0) {
		raise(SIGSTOP);
		raise(SIGSTOP);
		_exit(7);
	}
	while (waitpid(pid, &status, WUNTRACED | WCONTINUED) == pid) {
		if (WIFSTOPPED(status)) {
			seen += WSTOPSIG(status) == SIGSTOP;
			fork_many(1); /* everybody, the stopped one too, is frozen for its exec */
			kill(pid, SIGCONT);
		} else if (!WIFCONTINUED(status)) {
			say("stopped %d status %d\n", seen, WEXITSTATUS(status));
			return;
		}
	}
	say("lost %d\n", seen);
}

static long filter_own(uint32_t action, int number, unsigned flags)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { 4, code };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

/* A listener of its own could answer our questions; a trace that nobody asked us for is none. */
static void own_filters(void)
{
	unsigned flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	int listener = filter_own(SECCOMP_RET_USER_NOTIF, SYS_execve, flags) < 0 ? errno : 0;

	if (filter_own(SECCOMP_RET_TRACE, SYS_getppid, 0) < 0)
		_exit(93);
	say("listener %d traced %d\n", listener, syscall(SYS_getppid) < 0 ? errno : 0);
	/* With data that looks like another question. */
	filter_own(SECCOMP_RET_TRACE | 57, SYS_execve, 0);
	exec_word("EVIL");
}

/* The warden is its parent, and made its tracer so knows nothing of it. */
static void ask_to_be_traced(void)
{
	int asked = ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 ? errno : 0;

	say("asked %d forked %d\n", asked, fork_errno(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)));
	exec_word("GOOD");
}

/* A thread execs while its leader is told to stop: the leader's number is the thread's from then on. */
static void exec_beside_stops(void)
{
	for (unsigned i = 0; i < 4 * TRIALS; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			start_thread(exec_in_thread, "GOOD");
			for (;;)
				pause();
		}
		usleep(i * 37 % 3001);
		kill(pid, SIGSTOP);
		usleep(i * 53 % 997);
		kill(pid, SIGCONT);
		if (waitpid(pid, NULL, 0) != pid)
			_exit(96);
	}
	fork_many(1);
}

static void linger_in_kernel(void)
{
	pid_t first, second;

	/* The first of a namespace of its own waits for the others to be waited for, which nobody does. */
	if (unshare(CLONE_NEWUSER | CLONE_NEWPID) < 0)
		say("children 1\n"); /* not allowed here: nothing to see */
	else if ((first = fork()) == 0)
		pause();
	else if ((second = fork()) == 0)
		pause();
	else {
		kill(first, SIGKILL);
		usleep(50000); /* until it waits; nothing tells */
		echo("GOOD");
	}
}

static void leave_child(void)
{
	if (fork() == 0) {
		setsid();
		say("left %d\n", (int)getpid());
		for (;;)
			pause();
	}
}

static void linger(void)
{
	say("linger %d\n", (int)getpid());
	for (;;)
		pause();
}

/* Children that nothing ties to the warden's end but what the warden sees to. */
static void linger_all(void)
{
	for (int i = 0; i < 3; i++) {
		if (fork() == 0) {
			setsid();
			say("child %d\n", (int)getpid());
			for (;;)
				pause();
		}
	}
	linger();
}

static _Noreturn void behave(const char *what, const char *word)
{
	static const struct {
		const char *name;
		void (*body)(void);
	} plain[] = {
		{ "thread-exec", thread_exec },
		{ "leaderless-exec", leaderless_exec },
		{ "failing-exec", failing_exec },
		{ "fatal-exec", fatal_exec },
		{ "spawn", spawn },
		{ "escape", escape },
		{ "failing-clone", failing_clone },
		{ "bad-pointers", bad_pointers },
		{ "process-limit", process_limit },
		{ "exec-fd", exec_fd },
		{ "leased", leased },
		{ "exec-beside-forks", exec_beside_forks },
		{ "exec-beside-killed-makers", exec_beside_killed_makers },
		{ "exec-in-storm", exec_in_storm },
		{ "many-args", many_args },
		{ "priority", priority },
		{ "under-signals", under_signals },
		{ "peer-rewrite", peer_rewrite },
		{ "exec-beside-vfork", exec_beside_vfork },
		{ "job-control", job_control },
		{ "own-filters", own_filters },
		{ "ask-to-be-traced", ask_to_be_traced },
		{ "exec-beside-stops", exec_beside_stops },
		{ "linger-in-kernel", linger_in_kernel },
		{ "leave-child", leave_child },
		{ "linger", linger },
		{ "linger-all", linger_all },
	};

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (!strcmp(plain[i].name, what))
			plain[i].body();
	if (!strcmp(what, "exec"))
		exec_word(word);
	if (!strcmp(what, "fork-many"))
		fork_many(atoi(word));
	if (!strcmp(what, "outsider-rewrite"))
		outsider_rewrite(word);
	_exit(0);
}

#endif
