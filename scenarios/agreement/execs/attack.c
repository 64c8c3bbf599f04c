// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  what one backend stops the other lets through, or does in another way.
 * Steps:   per trial one exec that the seed alone makes up: by which kind of process, of which file,
 *          with which argv and envp, good or bad; sometimes as many forks as there may be. Some
 *          execs are raced by a thread that writes EVIL.
 * Success: what came of it is not the same under both backends: what ran, with which argv, the
 *          errno, or how the process ended. Of a race only whether EVIL ran is told.
 */
#include "kit.h"
#include "broken.h"
#include "race.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_clone3
#define SYS_clone3 (435 + (SYS_execve > 4000 ? 4000 : 0))
#endif

enum { ARGS_MOST = 24, BIG = 200000, CROWD_MOST = 40, TOLD_MOST = 160 };

static const char *const shapes[] = { "plain", NULL };

/* How a process comes about. */
enum maker { FORK, VFORK, CLONE, CLONE3, THREAD, BESIDE_THREAD, MAKERS };

/* Those that a supervisor refuses or that the kernel does are here as well. */
static const int clone_flags[] = {
	SIGCHLD,
	CLONE_VM | SIGCHLD,
	CLONE_VM | CLONE_VFORK | SIGCHLD,
	CLONE_VFORK | SIGCHLD,
	CLONE_FILES | SIGCHLD,
	CLONE_FS | CLONE_IO | CLONE_SYSVSEM | SIGCHLD,
	CLONE_VM | CLONE_SIGHAND | CLONE_FILES | CLONE_FS | SIGCHLD,
	CLONE_VM | 0, /* no exit signal */
	CLONE_PTRACE | SIGCHLD,
	SIGUSR2,
	CLONE_UNTRACED | SIGCHLD,
	CLONE_VM | CLONE_VFORK | CLONE_UNTRACED | SIGCHLD,
	CLONE_THREAD | SIGCHLD,
	CLONE_SIGHAND | SIGCHLD,
	CLONE_FS | CLONE_NEWNS | SIGCHLD,
	CLONE_NEWPID | CLONE_THREAD | SIGCHLD,
};

#define HONEST_CLONES 7
#define COUNT(list)   (sizeof(list) / sizeof((list)[0]))

static const char *const files[] = {
	KIT_WITNESS,
	KIT_WITNESS,
	"/bin/../bin//witness",
	RACE_ROOM "/link",
	RACE_ROOM "/script",
	"script", /* in the working directory */
	RACE_ROOM "/evil-script",
	RACE_ROOM "/lost-script",
	RACE_ROOM "/missing",
	RACE_ROOM "/loop",
	RACE_ROOM "/plain",
	RACE_ROOM "/garbage",
	RACE_ROOM "/empty",
	RACE_ROOM,
	KIT_WITNESS "/x",
	KIT_WITNESS "/",
	"/proc/self/exe/x",
	"",
};

#define HONEST_FILES 6

static char big[BIG + 1], long_path[5000];

struct call {
	enum maker maker;
	int flags;	  /* of clone */
	const char *path; /* may be no pointer at all */
	char *argv[ARGS_MOST];
	char **argv_given, **envp_given;
	char *envp[4];
	bool at; /* execveat */
	int dirfd, at_flags;
	char number[12], word[8];
	struct kit *kit;
};

static bool one_in(struct kit *kit, unsigned n)
{
	return kit_below(kit, n) == 0;
}

static void make_file(const char *name, const char *text, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd))
		kit_broken(name);
}

static void set_up(void)
{
	if ((mkdir(RACE_ROOM, 0700) && errno != EEXIST) || chdir(RACE_ROOM) ||
	    symlink(KIT_WITNESS, "link") || symlink("loop", "loop"))
		kit_broken(RACE_ROOM);
	make_file("script", "#!" KIT_WITNESS " GOOD\n", 0700);
	make_file("evil-script", "#!" KIT_WITNESS " EVIL\n", 0700);
	make_file("lost-script", "#!/nowhere\n", 0700);
	make_file("plain", "#!" KIT_WITNESS "\n", 0600);
	make_file("garbage", "garbage", 0700);
	make_file("empty", "", 0700);
	memset(big, 'b', BIG);
	memset(long_path, '/', sizeof(long_path) - 1);
}

/* A word of an argv. All numbers are drawn whatever comes of them, so that seeds stay in step. */
static char *choose_word(struct kit *kit)
{
	static char *const words[] = { "GOOD", "GOOD",	 "EVIL",	 "",
				       "DIE",  "xEVILx", "\xff\x01\x80", "EVI" };
	char *word = words[kit_below(kit, COUNT(words))];
	uint64_t chance = kit_below(kit, 40), length = kit_below(kit, 6000);

	if (kit->honest)
		return chance < 8 ? big + BIG - length : "GOOD";
	if (chance < 6)
		return big + BIG - length;
	return chance == 6 ? big + BIG - 131071 - length % 2 : word;
}

static void choose_argv(struct kit *kit, struct call *c)
{
	unsigned middle = 1 + (unsigned)kit_below(kit, kit->honest ? 7 : 12);
	uint64_t chance = kit_below(kit, 60), place = kit_below(kit, middle);

	c->argv[0] = "witness";
	for (unsigned i = 0; i < middle; i++)
		c->argv[1 + i] = choose_word(kit);
	if (one_in(kit, 2) || kit->honest)
		c->argv[1] = "GOOD";
	c->argv[1 + middle] = c->number;
	c->argv[2 + middle] = NULL;
	c->argv_given = c->argv;
	if (kit->honest || chance > 6)
		return;
	if (chance < 3) /* more than fits: 18 times 128 KiB */
		for (unsigned i = 1; i < 19; i++)
			c->argv[i] = big + BIG - 131000;
	else if (chance == 3)
		c->argv[1 + place] = (char *)16;
	else if (chance == 4)
		c->argv_given = NULL;
	else if (chance == 5)
		c->argv_given = (char **)16;
	else
		c->argv[1] = NULL;
}

static void choose_envp(struct kit *kit, struct call *c)
{
	uint64_t chance = kit_below(kit, 12);

	c->envp[0] = "HOME=/";
	c->envp[1] = chance == 0 && !kit->honest ? "WORD=EVIL" : "WORD=GOOD";
	c->envp[2] = chance == 1 ? big + BIG - 5000 : NULL;
	c->envp[3] = NULL;
	c->envp_given = chance == 2 ? NULL : c->envp;
	if (kit->honest)
		return;
	if (chance == 3)
		c->envp[0] = (char *)16;
	else if (chance == 4)
		c->envp_given = (char **)16;
}

static void choose_file(struct kit *kit, struct call *c)
{
	static const int flags[] = { 0, AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW, 0x8000 };
	uint64_t chance = kit_below(kit, 30), which = kit_below(kit, 4), flag = kit_below(kit, 4);

	c->path = files[kit_below(kit, kit->honest ? HONEST_FILES : COUNT(files))];
	if (one_in(kit, 2) && !kit->honest)
		c->path = KIT_WITNESS;
	c->dirfd = AT_FDCWD;
	c->at = chance < 10;
	if (chance == 10 && !kit->honest)
		c->path = (const char *)16;
	if (chance == 11 && !kit->honest)
		c->path = long_path + flag * 300;
	if (!c->at)
		return;
	c->dirfd = open(which ? "/bin" : KIT_WITNESS, O_PATH | O_CLOEXEC);
	if (c->dirfd < 0)
		kit_broken("/bin");
	c->path = which ? "witness" : "";
	c->at_flags = which ? 0 : AT_EMPTY_PATH;
	if (kit->honest)
		return;
	if (which < 3)
		c->at_flags = flags[flag];
	else
		c->path = files[chance];
	if (chance == 9)
		c->dirfd += 5;
}

static void choose(struct kit *kit, struct call *c, unsigned n)
{
	memset(c, 0, sizeof(*c));
	c->kit = kit;
	snprintf(c->number, sizeof(c->number), "%u", n);
	c->maker = (enum maker)kit_below(kit, MAKERS);
	c->flags = clone_flags[kit_below(kit, kit->honest ? HONEST_CLONES : COUNT(clone_flags))];
	if (kit->honest && c->maker == CLONE3)
		c->maker = FORK;
	choose_argv(kit, c);
	choose_envp(kit, c);
	choose_file(kit, c);
}

static _Noreturn void be_victim(struct call *c)
{
	if (c->at)
		syscall(SYS_execveat, c->dirfd, c->path, c->argv_given, c->envp_given, c->at_flags);
	else
		syscall(SYS_execve, c->path, c->argv_given, c->envp_given);
	*c->kit->exec_errno = errno;
	_exit(KIT_EXEC_FAILED);
}

static int run_clone(void *call)
{
	be_victim(call);
}

static void *run_thread(void *call)
{
	be_victim(call);
}

static void *idle(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static _Noreturn void be_threaded(struct call *c)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, c->maker == THREAD ? run_thread : idle, c))
		_exit(KIT_BROKEN);
	if (c->maker == BESIDE_THREAD)
		be_victim(c);
	idle(NULL);
	_exit(KIT_BROKEN);
}

static pid_t make(struct call *c)
{
	static _Alignas(16) char stack[65536];
	uint64_t args[8] = { 0, 0, 0, 0, SIGCHLD };
	pid_t pid;

	if (c->maker == CLONE)
		return clone(run_clone, stack + sizeof(stack), c->flags, c);
	if (c->maker == VFORK)
		pid = vfork();
	else if (c->maker != CLONE3 || (pid = (pid_t)syscall(SYS_clone3, args, sizeof(args))) < 0)
		pid = fork(); /* as C libraries do where clone3 is missing */
	if (pid == 0 && c->maker >= THREAD)
		be_threaded(c);
	if (pid == 0)
		be_victim(c);
	return pid;
}

/* What the victim's witness says of its argv, or nothing. */
static void hear(int from, char *out)
{
	char line[JSONL_MAX + 1];
	ssize_t n = read(from, line, JSONL_MAX);
	const char *at, *end;

	*out = '\0';
	if (n <= 0)
		return;
	line[n] = '\0';
	at = strstr(line, "\"argv1\":");
	end = strrchr(line, '}');
	if (at && end && end > at)
		snprintf(out, TOLD_MOST, "%.*s", (int)(end - at - 8), at + 8);
}

static void swap_reports(int *pipe_ends, int *kept)
{
	if (pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK))
		kit_broken("pipe2");
	*kept = fcntl(KIT_REPORT_FD, F_DUPFD_CLOEXEC, 20);
	if (*kept < 0 || dup2(pipe_ends[1], KIT_REPORT_FD) < 0)
		kit_broken("reports");
	close(pipe_ends[1]);
}

static void swap_back(int kept)
{
	if (dup2(kept, KIT_REPORT_FD) < 0)
		kit_broken("reports");
	close(kept);
}

static int end_of(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, __WALL) != pid)
		kit_broken("waitpid");
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void tell_trial(struct kit *kit, unsigned n, const char *outcome)
{
	struct jsonl j;

	kit_event(&j, n, "trial");
	jsonl_str(&j, "outcome", outcome, strlen(outcome));
	jsonl_int(&j, "errno", *kit->exec_errno);
	kit_send(&j);
}

static void try_exec(struct kit *kit, unsigned n)
{
	static struct call c;
	char told[TOLD_MOST];
	int reports[2], kept, made = 0, ended = 0;
	struct jsonl j;
	pid_t pid;

	choose(kit, &c, n);
	*kit->exec_errno = 0;
	swap_reports(reports, &kept);
	pid = make(&c);
	if (pid < 0)
		made = errno;
	else
		ended = end_of(pid);
	swap_back(kept);
	hear(reports[0], told);
	close(reports[0]);
	if (c.dirfd >= 0)
		close(c.dirfd);
	kit_event(&j, n, "did");
	jsonl_int(&j, "maker", c.maker);
	jsonl_int(&j, "flags", c.flags);
	jsonl_int(&j, "made", made);
	jsonl_int(&j, "ended", ended);
	jsonl_int(&j, "errno", *kit->exec_errno);
	jsonl_str(&j, "ran", told, strlen(told));
	kit_send(&j);
	tell_trial(kit, n, made || *kit->exec_errno ? "refused" : ended < 0 ? "killed" : "ran");
}

/* As many processes as there may be. */
static void try_crowd(struct kit *kit, unsigned n)
{
	pid_t pids[CROWD_MOST];
	unsigned count = 0;
	struct jsonl j;
	int why = 0, gate[2];
	char byte;

	if (pipe2(gate, O_CLOEXEC))
		kit_broken("pipe2");
	while (!why && count < CROWD_MOST) {
		pid_t pid = fork();

		if (pid == 0) {
			close(gate[1]);
			_exit(read(gate[0], &byte, 1) != 0);
		}
		if (pid < 0)
			why = errno;
		else
			pids[count++] = pid;
	}
	close(gate[0]);
	close(gate[1]);
	for (unsigned i = 0; i < count; i++)
		if (end_of(pids[i]))
			kit_broken("crowd");
	*kit->exec_errno = why;
	kit_event(&j, n, "did");
	jsonl_int(&j, "crowd", count);
	jsonl_int(&j, "errno", why);
	kit_send(&j);
	tell_trial(kit, n, "refused");
}

static void *write_it(void *writer)
{
	kit_writer_run(writer);
	return NULL;
}

static _Noreturn void be_racer(struct kit *kit, struct kit_writer *writer, char *word, char *number)
{
	char *argv[] = { "racer", word, number, NULL };
	pthread_t thread;

	if (pthread_create(&thread, NULL, write_it, writer))
		_exit(KIT_BROKEN);
	kit_demote();
	kit_writer_start(writer);
	kit_exec(kit, KIT_WITNESS, argv);
}

static void try_race(struct kit *kit, unsigned n)
{
	static _Alignas(4) char word[] = "GOOD";
	char number[12], told[TOLD_MOST];
	struct kit_writer writer;
	int reports[2], kept;
	struct jsonl j;
	pid_t pid;

	memcpy(word, "GOOD", 4);
	snprintf(number, sizeof(number), "%u", n);
	kit_writer_init(kit, &writer, word, false);
	swap_reports(reports, &kept);
	pid = kit_fork(kit);
	if (pid == 0)
		be_racer(kit, &writer, word, number);
	kit_writer_close(&writer);
	swap_back(kept);
	kit_outcome(kit, pid, n, "trial");
	hear(reports[0], told);
	close(reports[0]);
	kit_event(&j, n, "raced");
	jsonl_bool(&j, "evil", strstr(told, "EVIL"));
	kit_send(&j);
}

int main(int argc, char **argv)
{
	struct kit kit;

	kit_begin(&kit, argc, argv, shapes);
	signal(SIGUSR2, SIG_IGN);
	set_up();
	kit_warm_up(&kit);
	for (unsigned n = 1; n <= kit.trials; n++) {
		uint64_t kind = kit.honest ? 9 : kit_below(&kit, 10);

		if (kind < 3)
			try_race(&kit, n);
		else if (kind == 3)
			try_crowd(&kit, n);
		else
			try_exec(&kit, n);
	}
	return 0;
}
