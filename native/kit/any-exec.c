// SPDX-License-Identifier: Apache-2.0
#include "any-exec.h"
#include "broken.h"
#include "race.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { BIG = 200000 };

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
#define NOBODYS_FD   900

static char big[BIG + 1], long_path[5000];

static void make_file(const char *name, const char *text, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd))
		kit_broken(name);
}

void any_exec_set_up(void)
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

static void choose_argv(struct kit *kit, struct any_exec *c)
{
	unsigned middle = 1 + (unsigned)kit_below(kit, kit->honest ? 7 : 12);
	uint64_t chance = kit_below(kit, 60), place = kit_below(kit, middle);

	c->argv[0] = "witness";
	for (unsigned i = 0; i < middle; i++)
		c->argv[1 + i] = choose_word(kit);
	if (kit_one_in(kit, 2) || kit->honest)
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

static void choose_envp(struct kit *kit, struct any_exec *c)
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

static void choose_file(struct kit *kit, struct any_exec *c)
{
	static const int flags[] = { 0, AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW, 0x8000 };
	uint64_t chance = kit_below(kit, 30), which = kit_below(kit, 4), flag = kit_below(kit, 4);

	c->path = files[kit_below(kit, kit->honest ? HONEST_FILES : COUNT(files))];
	if (kit_one_in(kit, 2) && !kit->honest)
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
	if (chance == 9) {
		close(c->dirfd);
		c->dirfd = NOBODYS_FD;
	}
}

void any_exec_choose(struct kit *kit, struct any_exec *c, unsigned n)
{
	memset(c, 0, sizeof(*c));
	c->kit = kit;
	snprintf(c->number, sizeof(c->number), "%u", n);
	c->maker = (enum any_maker)kit_below(kit, ANY_MAKERS);
	c->flags = clone_flags[kit_below(kit, kit->honest ? HONEST_CLONES : COUNT(clone_flags))];
	if (kit->honest && c->maker == ANY_CLONE3)
		c->maker = ANY_FORK;
	choose_argv(kit, c);
	choose_envp(kit, c);
	choose_file(kit, c);
}

static _Noreturn void be_victim(struct any_exec *c)
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

static _Noreturn void be_threaded(struct any_exec *c)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, c->maker == ANY_THREAD ? run_thread : idle, c))
		_exit(KIT_BROKEN);
	if (c->maker == ANY_BESIDE_THREAD)
		be_victim(c);
	idle(NULL);
	_exit(KIT_BROKEN);
}

pid_t any_exec_make(struct any_exec *c)
{
	static _Alignas(16) char stack[65536];
	uint64_t args[8] = { 0, 0, 0, 0, SIGCHLD };
	pid_t pid;

	if (c->maker == ANY_CLONE)
		return clone(run_clone, stack + sizeof(stack), c->flags, c);
	if (c->maker == ANY_VFORK)
		pid = vfork();
	else if (c->maker != ANY_CLONE3 ||
		 (pid = (pid_t)syscall(SYS_clone3, args, sizeof(args))) < 0)
		pid = fork(); /* as C libraries do where clone3 is missing */
	if (pid == 0 && c->maker >= ANY_THREAD)
		be_threaded(c);
	if (pid == 0)
		be_victim(c);
	return pid;
}

void any_exec_forget(struct any_exec *c)
{
	if (c->dirfd >= 0)
		close(c->dirfd);
	c->dirfd = AT_FDCWD;
}
