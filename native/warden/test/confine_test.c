// SPDX-License-Identifier: Apache-2.0
/*
 * `warden run -p`: what a profile lets through and what it does not, each way that there is to hold a
 * command to it, with the same answers. The command is doer.c.
 */
#include "slurp.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT_S	   60
#define WORDS_MOST 512
#define OTHER_UID  1000

static const char *warden, *doer;
static char doer_path[PATH_MAX]; /* without links: rules follow none */
static char home[] = "/tmp/confine-test-XXXXXX";
static char said_file[64], told_file[64];
static char said[1 << 16], told[1 << 16]; /* standard output and error of the last session */

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f))
		abort();
}

static void copy_program(const char *to)
{
	char room[1 << 16];
	int from = open(doer, O_RDONLY | O_CLOEXEC);
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	ssize_t n = -1;

	while (from >= 0 && fd >= 0 && (n = read(from, room, sizeof(room))) > 0)
		if (write(fd, room, (size_t)n) != n)
			abort();
	if (n || close(from) || close(fd))
		abort();
}

static void serve(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)))
		abort();
	close(fd);
}

static void shell(const char *command)
{
	if (system(command)) /* of our own words */
		abort();
}

/* The same at the beginning of each session. */
static void lay_out(void)
{
	shell("rm -rf exact only both secret read list w rw sock new d two f link outside run-me");
	put("exact", "1");
	put("only", "1");
	put("both", "1");
	put("secret", "1");
	if (mkdir("read", 0755) || mkdir("read/sub", 0755) || mkdir("list", 0755) ||
	    mkdir("w", 0755) || mkdir("w/sub", 0755) || mkdir("rw", 0755))
		abort();
	put("read/sub/deep", "1");
	put("list/file", "1");
	put("w/one", "1");
	put("rw/one", "1");
	copy_program("run-me");
	copy_program("w/program");
	serve("outside");
	/* Who is not root is lent one that he may make, too. */
	if (mknod("w/device", S_IFCHR | 0600, makedev(0, 0)))
		abort();
	if (symlink("../secret", "w/to-secret") || symlink("../exact", "w/to-exact"))
		abort();
}

/* Whether the warden is to be somebody from whom modes keep things. */
static bool as_other;

/* The status that wait(2) gives. Both lists end with NULL. */
static int run(const char *const *flags, const char *const *command)
{
	const char *argv[WORDS_MOST] = { warden, "run" };
	int n = 2, status;
	pid_t pid;

	while (*flags && n < WORDS_MOST - 2)
		argv[n++] = *flags++;
	if (*command)
		argv[n++] = "--";
	while (*command && n < WORDS_MOST - 1)
		argv[n++] = *command++;
	pid = fork();
	if (pid == 0) {
		dup2(open(said_file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), STDOUT_FILENO);
		dup2(open(told_file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), STDERR_FILENO);
		alarm(LIMIT_S);
		if (as_other && geteuid() == 0 && setresuid(OTHER_UID, OTHER_UID, OTHER_UID))
			_exit(127);
		execv(warden, (char *const *)argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		abort();
	slurp(said_file, said, sizeof(said));
	slurp(told_file, told, sizeof(told));
	return status;
}

#define LIST(...)                                                                                  \
	(const char *const[])                                                                      \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}

/* What a static program needs to come about, and to tell what it did. */
#define PLAIN                                                                                      \
	"'brk', 'arch_prctl', 'set_tid_address', 'set_robust_list', 'rseq', 'prlimit64', "         \
	"'readlink', 'readlinkat', 'getrandom', 'mprotect', 'mmap', 'munmap', 'newfstatat', "      \
	"'fstat', 'write', 'read', 'close', 'openat', 'open', 'rt_sigprocmask', 'rt_sigaction'"
#define NAMES                                                                                      \
	"'mkdir', 'rmdir', 'unlink', 'rename', 'renameat2', 'link', 'symlink', 'mknod', "          \
	"'mknodat', "                                                                              \
	"'chmod', 'fchmod', 'truncate', 'utimensat'"
#define OTHERS                                                                                     \
	"'clone', 'wait4', 'execve', 'execveat', 'openat2', 'memfd_create', 'connect', 'bind', "   \
	"'sendto', 'sendmsg', 'socket:0x2:0x1:0x0', 'socket:0x2:0x2:0x0', 'socket:0x1:0x1:0x0', "  \
	"'ioctl:0x5401', 'getpid', 'gettid'"

/* Behind the profile's list of what may be written. */
static const char *more_writes = "";

static void write_profile(const char *calls, const char *more)
{
	FILE *f = fopen("profile.toml", "w");

	if (!f)
		abort();
	fprintf(f,
		"[program]\nexec = '%1$s/run-me'\n[filesystem]\nread = ['%2$s', '%1$s/exact', "
		"'%1$s/both', "
		"'%1$s/read', '%1$s/rw', '%1$s/list/.', '%1$s/run-me', '/dev/null']\n"
		"write = ['%1$s/only', '%1$s/both', '%1$s/w', '%1$s/rw'%5$s]\n[network]\n"
		"allow = ['tcp://127.0.0.1:9', 'udp://127.0.0.1:9']\nallow_bind = [0, 61234]\n"
		"[syscalls]\nallow = [%3$s]\n%4$s",
		home, doer, calls, more, more_writes);
	fclose(f);
}

static const struct deed {
	const char *words[3]; /* a path that does not begin with a slash is below home */
	const char *why;
	bool allowed;
} deeds[] = {
	{ { "read", "exact" }, "a file that may be read", true },
	{ { "read", "secret" }, "another one", false },
	{ { "write", "exact" }, "to write what may be read", false },
	{ { "write", "only" }, "a file that may be written", true },
	{ { "read", "only" }, "to read what may be written", false },
	{ { "both", "both" }, "a file that may be both", true },
	{ { "read", "read/sub/deep" }, "what is below a directory that may be read", true },
	{ { "list", "read/sub" }, "the list of what is below it", true },
	{ { "list", "list" }, "a list that may be read", true },
	{ { "read", "list/file" }, "a file that is in it", false },
	{ { "list", "." }, "another list", false },
	{ { "reopen", "exact" }, "by way of a descriptor", true },
	{ { "reopen", "secret" }, "another by way of a descriptor", false },
	{ { "path", "secret" }, "to look where something is", true },
	{ { "empty", "exact" }, "to empty what may be read", false },
	{ { "empty", "both" }, "to empty what may be written too", true },
	{ { "empty", "/dev/null" }, "to empty what holds nothing", true },
	{ { "third", "both" }, "what may be both, to do neither", true },
	{ { "third", "exact" }, "what may be read, to do neither", false },
	{ { "third-empty", "both" }, "to empty it that way", true },
	{ { "third-empty", "exact" }, "to empty another that way", false },
	{ { "third-how", "both" }, "where the flags are in memory", true },
	{ { "third-how", "exact" }, "another where the flags are in memory", false },
	{ { "third-nameless", "w" }, "a file without a name, to do neither", true },
	{ { "third-nameless", "read" }, "such a file elsewhere, to do neither", false },
	{ { "read", "w/to-exact" }, "by way of a link", true },
	{ { "read", "w/to-secret" }, "another by way of a link", false },
	{ { "read", "w/../secret" }, "another by way of ..", false },
	{ { "create", "w/new" }, "a new file where names may be made", true },
	{ { "read", "w/new" }, "to read it", true },
	{ { "create", "new" }, "a new file elsewhere", false },
	{ { "create", "read/new" }, "a new file where is read", false },
	{ { "nameless", "w" }, "a file without a name", true },
	{ { "nameless", "read" }, "such a file elsewhere", false },
	{ { "mkdir", "w/d" }, "a new directory", true },
	{ { "rmdir", "w/d" }, "to remove it", true },
	{ { "mkdir", "d" }, "a new directory elsewhere", false },
	{ { "rmdir", "list" }, "to remove one elsewhere", false },
	{ { "unlink", "w/new" }, "to remove a name", true },
	{ { "unlink", "exact" }, "to remove one elsewhere", false },
	{ { "unlink", "only" }, "to remove the name of what may be written", false },
	{ { "exchange", "w/one", "w/program" }, "two names for each other", true },
	{ { "exchange", "w/program", "w/one" }, "and back", true },
	{ { "exchange", "w/one", "rw/one" }, "a name that brings more rights for another", false },
	{ { "exchange", "rw/one", "w/one" }, "another for one that brings more rights", false },
	{ { "exchange", "w/one", "exact" }, "a name for one elsewhere", false },
	{ { "rename", "rw/one", "w/moved" }, "a name that brings fewer rights", true },
	{ { "rename", "w/one", "w/two" }, "another name", true },
	{ { "rename", "w/two", "w/sub/two" }, "another name in another directory", true },
	{ { "rename", "w/sub/two", "two" }, "a name elsewhere", false },
	{ { "rename", "exact", "w/mine" }, "a name that brings more rights", false },
	{ { "link", "w/sub/two", "w/three" }, "one more name", true },
	{ { "link", "secret", "w/mine" }, "one more name for what may not be read", false },
	{ { "link", "exact", "w/mine" }, "one more name that brings more rights", false },
	{ { "symlink", "/etc/passwd", "w/link" }, "a link", true },
	{ { "read", "w/link" }, "what it leads to", false },
	{ { "symlink", "x", "link" }, "a link elsewhere", false },
	{ { "fifo", "w/f" }, "a pipe", true },
	{ { "fifo", "f" }, "a pipe elsewhere", false },
	{ { "char", "w/null" }, "a device, which is no file of any rule", false },
	{ { "block", "w/loop" }, "nor one of blocks", false },
	{ { "whiteout", "w/gone" }, "nor one that cannot be opened", false },
	{ { "rename", "w/device", "w/null" }, "another name for a device", false },
	{ { "exchange", "w/device", "w/program" }, "one for another with a device", false },
	{ { "exchange", "w/program", "w/device" }, "and the other way round", false },
	{ { "link", "w/device", "w/null" }, "one more for a device", false },
	{ { "unlink", "w/device" }, "to remove a device", true },
	{ { "chmod", "w/three" }, "the mode of what may be written", true },
	{ { "chmod", "only" }, "also of a single file", true },
	{ { "chmod", "exact" }, "the mode of another", false },
	{ { "fchmod", "exact" }, "also by descriptor", false },
	{ { "fchmod", "both" }, "unless it may be written", true },
	{ { "truncate", "both" }, "to cut what may be written", true },
	{ { "truncate", "exact" }, "to cut another", false },
	{ { "touch", "w/three" }, "the time of what may be written", true },
	{ { "touch", "exact" }, "the time of another", false },
	{ { "touch", "w/to-secret" }, "the time of another by way of a link", false },
	{ { "touch-link", "w/to-secret" }, "the time of the link", true },
	{ { "touch-open", "exact" }, "the time of another by descriptor", false },
	{ { "touch-open", "both" }, "the time by descriptor", true },
	{ { "run", "run-me" }, "a program", true },
	{ { "run", "w/program" }, "a program where may be written", false },
	{ { "run-nameless", "run-me" }, "a program without a name", true },
	{ { "tcp", "127.0.0.1:9" }, "a connection", true },
	{ { "tcp", "127.0.0.1:10" }, "to another port", false },
	{ { "tcp", "127.0.0.2:9" }, "to another address", false },
	{ { "udp", "127.0.0.1:9" }, "of UDP", true },
	{ { "udp", "127.0.0.1:10" }, "of UDP to another port", false },
	{ { "send", "127.0.0.1:9" }, "a datagram", true },
	{ { "send", "127.0.0.1:10" }, "to another port", false },
	{ { "message", "127.0.0.1:9" }, "a message", true },
	{ { "message", "127.0.0.2:9" }, "to another address", false },
	{ { "bind", "127.0.0.1:0" }, "a port that the kernel picks", true },
	{ { "bind", "127.0.0.1:61234" }, "a port", true },
	{ { "bind", "127.0.0.1:61235" }, "another port", false },
	{ { "send-unspec", "127.0.0.1:9" }, "a datagram to where no family is said", true },
	{ { "send-unspec", "127.0.0.1:10" }, "to another port, with no family said", false },
	{ { "message-unspec", "127.0.0.1:9" }, "a message to where no family is said", true },
	{ { "message-unspec", "127.0.0.2:9" }, "to another address, with no family said", false },
	{ { "bind-unspec", "0.0.0.0:61234" }, "a port, with no family said", true },
	{ { "bind-unspec", "0.0.0.0:61235" }, "another port, with no family said", false },
	{ { "udp-unspec", "127.0.0.1:10" }, "to take back where a socket was connected to", true },
	{ { "serve", "w/socket" }, "a socket where names may be made", true },
	{ { "unix", "w/socket" }, "to connect to it", true },
	{ { "serve", "sock" }, "a socket elsewhere", false },
	{ { "unix", "outside" }, "to connect to another", false },
	{ { "socket", "16" }, "a socket of another family", false },
	{ { "call", "110" }, "a call that is not listed", false }, /* getppid on x86_64 */
	{ { "ioctl", "0x5402" }, "an ioctl that is not listed", false },
	{ { "fork" }, "a process", true },
};

#define DEEDS (sizeof(deeds) / sizeof(deeds[0]))

/* "name words: " as doer says it; where its answer begins, or NULL. */
static const char *answer_to(const struct deed *d, const char *const words[3])
{
	char line[512];
	const char *at;
	int n = snprintf(line, sizeof(line), "%s %s%s%s: ", words[0], words[1] ? words[1] : "",
			 words[2] ? " " : "", words[2] ? words[2] : "");

	(void)d;
	/* One deed's name may end as another's does. */
	for (at = strstr(said, line); at && at != said && at[-1] != '\n'; at = strstr(at + 1, line))
		;
	return at ? at + n : NULL;
}

static bool is_no(const char *answer)
{
	return !strncmp(answer, "EACCES\n", 7) || !strncmp(answer, "EPERM\n", 6) ||
	       !strncmp(answer, "EXDEV\n", 6);
}

static void test_deeds(const char *name, const char *const *flags, const char *calls, bool names)
{
	static char paths[DEEDS][2][PATH_MAX];
	const char *command[WORDS_MOST] = { doer };
	int n = 1, status;

	lay_out();
	write_profile(calls, "");
	for (size_t i = 0; i < DEEDS; i++)
		for (int j = 0; j < 3 && deeds[i].words[j]; j++)
			command[n++] = deeds[i].words[j];
	status = run(flags, command);
	if (!ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s: it comes to its end", name))
		printf("# %x %s %s\n", (unsigned)status, said, told);
	for (size_t i = 0; i < DEEDS; i++) {
		const char *answer = answer_to(&deeds[i], deeds[i].words);
		bool good =
			answer && (deeds[i].allowed ? !strncmp(answer, "ok\n", 3) : is_no(answer));

		if (names || strstr(calls, deeds[i].words[0]))
			if (!ok(good, "%s: %s: %s%s", name, deeds[i].allowed ? "yes" : "no",
				deeds[i].why, good ? "" : " - it is not"))
				printf("# %.*s\n", answer ? (int)strcspn(answer, "\n") : 4,
				       answer ? answer : "none");
	}
	(void)paths;
}

static void test_ways(void)
{
	static const char all[] = PLAIN ", " NAMES ", " OTHERS;

	test_deeds("landlock", LIST("-p", "profile.toml", "--files", "landlock"), all, true);
	test_deeds("judged", LIST("-p", "profile.toml", "--files", "judged"), all, true);
}

/* Directories for names of the run's own: the one has some of somebody else's. */
static void test_names_in(const char *way, const char *where, bool shared)
{
	char writes[3 * PATH_MAX], path[PATH_MAX];
	int status;

	snprintf(path, sizeof(path), "%s/profile.toml", home);
	lay_out();
	shell("rm -rf n && mkdir n && cd n && mkdir sub empty && echo >mine && echo >other");
	snprintf(writes, sizeof(writes), ", '%s/%s/.', '%s/n/mine'", home, where, home);
	more_writes = writes;
	if (!shared)
		snprintf(writes, sizeof(writes), ", '%s/%s/.'", home, where);
	write_profile(PLAIN ", " NAMES, "");
	more_writes = "";
	snprintf(writes, sizeof(writes), "%s/%s", home, where);
	if (chdir(writes))
		abort();
	status = run(LIST("-p", path, "--files", way),
		     LIST(doer, "create", "new", "read", "new", "list", ".", "mkdir", "d", "create",
			  "d/x", "rename", "new", "newer", "unlink", "newer", "rename", "d/x", "y",
			  "chmod", "y", "rmdir", "d", "create", "../new"));
	ok(status == 0 && !strcmp(said, "create new: ok\nread new: ok\nlist .: ok\nmkdir d: ok\n"
					"create d/x: ok\nrename new newer: ok\nunlink newer: ok\n"
					"rename d/x y: ok\nchmod y: ok\nrmdir d: ok\n"
					"create ../new: EACCES\n"),
	   "%s: names of one's own in a directory%s", way, shared ? " of others" : "");
	if (shared) {
		status = run(LIST("-p", path, "--files", way),
			     LIST(doer, "read", "other", "write", "other", "unlink", "other",
				  "rename", "y", "other", "create", "sub/x", "rmdir", "sub",
				  "chmod", "other", "write", "y", "unlink", "mine", "create",
				  "mine", "write", "mine"));
		ok(!strcmp(said, "read other: EACCES\nwrite other: EACCES\nunlink other: EACCES\n"
				 "rename y other: EACCES\ncreate sub/x: EACCES\nrmdir sub: EACCES\n"
				 "chmod other: EACCES\nwrite y: EACCES\nunlink mine: ok\n"
				 "create mine: ok\nwrite mine: ok\n"),
		   "%s: but not those that were there at the start, unless a rule names them", way);
	}
	if (chdir(home))
		abort();
}

/* Profile and session, in a directory "n" that the shell command has laid out and where names may be made. */
static int run_in_n(const char *command, const char *names, const char *const *flags,
		    const char *const *deeds_of_it)
{
	lay_out();
	shell("rm -rf n && mkdir n");
	shell(command);
	more_writes = names;
	write_profile(PLAIN ", " NAMES ", 'setresuid'", "");
	more_writes = "";
	return run(flags, deeds_of_it);
}

/* A directory under another directory's name: its files would be under another rule. */
static void test_moved_directories(void)
{
	static const char layout[] = "mkdir n/data n/full n/tmp && echo 1 >n/data/secret && "
				     "echo 1 >n/full/secret";
	char writes[5 * PATH_MAX];
	int status;

	snprintf(writes, sizeof(writes),
		 ", '%1$s/n/.', '%1$s/n/data/.', '%1$s/n/full/.', '%1$s/n/tmp/.'", home);
	run_in_n(layout, writes, LIST("-p", "profile.toml"),
		 LIST(doer, "read", "n/data/secret", "unlink", "n/data/secret", "rename", "n/data",
		      "n/tmp", "exchange", "n/data", "n/tmp", "exchange", "n/tmp", "n/data",
		      "exchange", "n/data", "n/full", "rename", "n/data", "n/new", "read",
		      "n/tmp/secret", "mkdir", "n/own", "create", "n/own/x", "rename", "n/own",
		      "n/tmp", "read", "n/tmp/x", "exchange", "n/tmp", "n/data"));
	if (!ok(!strcmp(said, "read n/data/secret: EACCES\nunlink n/data/secret: EACCES\n"
			      "rename n/data n/tmp: EACCES\nexchange n/data n/tmp: EACCES\n"
			      "exchange n/tmp n/data: EACCES\nexchange n/data n/full: EACCES\n"
			      "rename n/data n/new: EACCES\nread n/tmp/secret: ENOENT\n"
			      "mkdir n/own: ok\ncreate n/own/x: ok\nrename n/own n/tmp: ok\n"
			      "read n/tmp/x: ok\nexchange n/tmp n/data: EACCES\n"),
		"what was there stays as it is under any name of its directory"))
		printf("# %s %s\n", said, told);
	status = run_in_n(layout, writes, LIST("-p", "profile.toml", "--files", "landlock"),
			  LIST(doer));
	ok(WEXITSTATUS(status) == 125 && strstr(told, "not for those that are there"),
	   "which Landlock is not asked to see to");
}

/* Nobody is killed for what the rules tell before it is done. */
static void test_made_anew(void)
{
	char writes[3 * PATH_MAX];

	snprintf(writes, sizeof(writes), ", '%1$s/n/.', '%1$s/n/mine'", home);
	run_in_n("echo 1 >n/mine", writes, LIST("-p", "profile.toml"),
		 LIST(doer, "make-both", "n/mine", "unlink", "n/mine", "make-both", "n/mine",
		      "make", "n/mine", "write", "n/mine", "make-both", "n/new"));
	if (!ok(!strcmp(said, "make-both n/mine: EACCES\nunlink n/mine: ok\n"
			      "make-both n/mine: EACCES\nmake n/mine: ok\nwrite n/mine: ok\n"
			      "make-both n/new: ok\n"),
		"what is made anew may be opened as its rule says"))
		printf("# %s %s\n", said, told);
}

/* Where a name is, or is not, the kernel says so before it asks who may. */
static void test_presence(void)
{
	static const char *const ways[] = { "landlock", "judged" };

	for (int i = 0; i < 2; i++) {
		lay_out();
		write_profile(PLAIN ", " NAMES ", " OTHERS, "");
		run(LIST("-p", "profile.toml", "--files", ways[i]),
		    LIST(doer, "mkdir", "list", "mkdir", "secret", "mkdir", "d", "create", "secret",
			 "symlink", "x", "secret", "fifo", "secret", "char", "secret", "link",
			 "w/one", "secret", "link", "nothing", "secret", "link", "nothing", "new",
			 "rmdir", "nothing", "rmdir", "secret", "unlink", "nothing", "rename",
			 "nothing", "new", "rename", "nothing", "secret", "rename", "secret", "new",
			 "exchange", "secret", "nothing", "make", ".", "make", "secret", "make",
			 "nothing", "write", ".", "list", "secret", "nameless", "nothing",
			 "nameless", "secret", "chmod", "nothing", "chmod", "secret", "truncate",
			 "nothing", "touch", "nothing", "unix", "nothing", "serve", "outside"));
		if (!ok(!strcmp(said, "mkdir list: EEXIST\nmkdir secret: EEXIST\nmkdir d: EACCES\n"
				      "create secret: EEXIST\nsymlink x secret: EEXIST\n"
				      "fifo secret: EEXIST\nchar secret: EEXIST\n"
				      "link w/one secret: EEXIST\nlink nothing secret: ENOENT\n"
				      "link nothing new: ENOENT\nrmdir nothing: ENOENT\n"
				      "rmdir secret: EACCES\nunlink nothing: ENOENT\n"
				      "rename nothing new: ENOENT\nrename nothing secret: ENOENT\n"
				      "rename secret new: EACCES\nexchange secret nothing: ENOENT\n"
				      "make .: EISDIR\nmake secret: EACCES\nmake nothing: EACCES\n"
				      "write .: EISDIR\nlist secret: ENOTDIR\n"
				      "nameless nothing: ENOENT\nnameless secret: ENOTDIR\n"
				      "chmod nothing: ENOENT\nchmod secret: EACCES\n"
				      "truncate nothing: ENOENT\ntouch nothing: ENOENT\n"
				      "unix nothing: ENOENT\nserve outside: EADDRINUSE\n"),
			"%s: what is there or not is said as the kernel says it", ways[i]))
			printf("# %s %s\n", said, told);
	}
}

/* Who has become somebody else is not told what he could not find out himself. */
static void test_closed_presence(void)
{
	if (geteuid())
		return;
	if (chmod(home, 0711))
		abort();
	run_in_n("mkdir -m 0700 n/closed && echo 1 >n/closed/file", "",
		 LIST("-p", "profile.toml", "--files", "judged"),
		 LIST(doer, "mkdir", "n/closed/file", "unlink", "n/closed/none", "create",
		      "n/closed/file", "become", "1000", "mkdir", "n/closed/file", "unlink",
		      "n/closed/none", "create", "n/closed/file", "chmod", "n/closed/none"));
	if (!ok(!strcmp(said, "mkdir n/closed/file: EEXIST\nunlink n/closed/none: ENOENT\n"
			      "create n/closed/file: EEXIST\nbecome 1000: ok\n"
			      "mkdir n/closed/file: EACCES\nunlink n/closed/none: EACCES\n"
			      "create n/closed/file: EACCES\nchmod n/closed/none: EACCES\n"),
		"but not to who may not look there"))
		printf("# %s %s\n", said, told);
}

/* Nobody can look at its flags, so it is there for those alone that may have any. */
static void test_clone3(void)
{
	static const char *const tracks[] = { "fork", "lazy", "none" };

	for (int i = 0; i < 3; i++) {
		lay_out();
		write_profile(PLAIN ", 'clone', 'wait4'", "");
		run(LIST("-p", "profile.toml", "--track", tracks[i]), LIST(doer, "clone3", "fork"));
		if (!ok(!strcmp(said, "clone3 : ENOSYS\nfork : ok\n"),
			"--track %s: clone3 is not there, where it is not listed", tracks[i]))
			printf("# %s %s\n", said, told);
	}
	write_profile(PLAIN ", 'clone3', 'wait4'", "");
	run(LIST("-p", "profile.toml", "--track", "none"), LIST(doer, "clone3", "fork"));
	if (!ok(!strcmp(said, "clone3 : ok\nfork : EPERM\n"), "where it is listed it is"))
		printf("# %s %s\n", said, told);
}

/* What a link leads to may be another's since the profile was written. */
static void test_links(void)
{
	static const char *const ways[] = { "auto", "judged" };
	static const struct {
		const char *name, *command, *comes_to;
	} places[] = {
		{ "at the end", "rm -rf w && ln -s elsewhere w",
		  "write elsewhere/file: EACCES\nwrite w/file: EACCES\nwrite way/file: ENOENT\n"
		  "create w/new: EACCES\nunlink w/new: ENOENT\nunlink w/file: EACCES\n"
		  "read exact: ok\n" },
		{ "on the way", "ln -s elsewhere way",
		  "write elsewhere/file: EACCES\nwrite w/file: ENOENT\nwrite way/file: EACCES\n"
		  "create w/new: ok\nunlink w/new: ok\nunlink w/file: ENOENT\n"
		  "read exact: ok\n" },
	};
	char writes[3 * PATH_MAX];
	int status;

	for (int i = 0; i < 2; i++) {
		lay_out();
		shell("rm -rf elsewhere way && mkdir elsewhere && echo >elsewhere/file");
		shell(places[i].command);
		snprintf(writes, sizeof(writes), ", '%s/way/file'", home);
		more_writes = i ? writes : "";
		write_profile(PLAIN ", " NAMES, "");
		more_writes = "";
		status = run(LIST("-p", "profile.toml", "--files", "landlock"), LIST(doer));
		ok(WEXITSTATUS(status) == 125 && strstr(told, "is a link or leads through one"),
		   "landlock: not where a link is %s", places[i].name);
		for (int j = 0; j < 2; j++) {
			run(LIST("-p", "profile.toml", "--files", ways[j]),
			    LIST(doer, "write", "elsewhere/file", "write", "w/file", "write",
				 "way/file", "create", "w/new", "unlink", "w/new", "unlink",
				 "w/file", "read", "exact"));
			if (!ok(!strcmp(said, places[i].comes_to),
				"%s: what a link %s leads to is not meant", ways[j],
				places[i].name))
				printf("# %s %s\n", said, told);
		}
	}
	lay_out();
	shell("rm -rf n && mkdir n n/sub && ln -s ../secret n/mine && ln -s ../secret n/other");
	snprintf(writes, sizeof(writes), ", '%s/n/.', '%s/n/mine'", home, home);
	more_writes = writes;
	write_profile(PLAIN ", " NAMES, "");
	more_writes = "";
	run(LIST("-p", "profile.toml"),
	    LIST(doer, "write", "n/mine", "touch-link", "n/mine", "unlink", "n/other", "unlink",
		 "n/mine", "symlink", "sub", "n/mine", "unlink", "n/mine"));
	if (!ok(!strcmp(said, "write n/mine: EACCES\ntouch-link n/mine: ok\n"
			      "unlink n/other: EACCES\nunlink n/mine: ok\n"
			      "symlink sub n/mine: ok\nunlink n/mine: ok\n"),
		"a rule for a link is for the link itself"))
		printf("# %s %s\n", said, told);
}

/* What was there at the start has to be known, or all of it would be the run's own. */
static void test_unlisted(void)
{
	char writes[PATH_MAX];
	int status;

	lay_out();
	shell("rm -rf n && mkdir -m 0711 n && mkdir -m 0300 n/closed && echo >n/closed/other");
	if (chmod(home, 0711) || (geteuid() == 0 && chown("n/closed", OTHER_UID, OTHER_UID)))
		abort();
	snprintf(writes, sizeof(writes), ", '%s/n/closed/.'", home);
	more_writes = writes;
	write_profile(PLAIN, "");
	more_writes = "";
	as_other = true;
	status = run(LIST("-p", "profile.toml"), LIST(doer, "write", "n/closed/other"));
	as_other = false;
	if (!ok(WEXITSTATUS(status) == 125 && strstr(told, "/n/closed: Permission denied") &&
			!said[0],
		"a directory for names of one's own that cannot be listed is refused"))
		printf("# %x %s %s\n", (unsigned)status, said, told);
}

static int of_profile(const char *calls, const char *more, const char *const *command)
{
	lay_out();
	write_profile(calls, more);
	return run(LIST("-p", "profile.toml"), command);
}

static void test_execs(void)
{
	static const char *const ways[] = { "landlock", "judged" };
	static const char calls[] = PLAIN ", 'clone', 'wait4'";

	for (int i = 0; i < 2; i++) {
		int status;

		lay_out();
		write_profile(calls, "");
		status = run(LIST("-p", "profile.toml", "--files", ways[i]),
			     LIST(doer, "run", "run-me", "read", "exact"));
		ok(WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
			   strstr(said, "run run-me: EACCES") && strstr(said, "read exact: ok"),
		   "%s: the command's own exec is the only one, where none is listed", ways[i]);
	}
}

/* A program whose loader the profile does not name. */
static void test_loader(void)
{
	char lib[PATH_MAX];
	bool merged = realpath("/lib", lib) && strcmp(lib, "/lib");
	FILE *f;
	int status;

	for (int named = 0; named < 2; named++)
		for (int judged = 0; judged < 2; judged++) {
			f = fopen("profile.toml", "w");
			fprintf(f,
				"[filesystem]\nread = ['/usr/bin/true', '/etc/ld.so.cache', %s]\n"
				"[syscalls]\nallow = [" PLAIN
				", 'exit_group', 'access', 'pread64']\n",
				!named	 ? "'/etc/hostname'"
				: merged ? "'/usr/lib'"
					 : "'/usr/lib', '/lib'");
			fclose(f);
			status = run(LIST("-p", "profile.toml", "--files",
					  judged ? "judged" : "landlock"),
				     LIST("/usr/bin/true"));
			ok((WIFEXITED(status) && WEXITSTATUS(status) == 0) == named,
			   "%s: a program runs %s", judged ? "judged" : "landlock",
			   named ? "with its loader" : "not without its loader");
		}
}

static void test_limits(void)
{
	int status = of_profile(PLAIN ", 'clone', 'wait4'", "[limits]\nprocesses = 1\n",
				LIST(doer, "fork", "read", "exact"));

	ok(WIFEXITED(status) && strstr(said, "fork : EAGAIN") && strstr(said, "read exact: ok"),
	   "no more processes than it says");
	status = of_profile(PLAIN, "[limits]\nopen_files = 3\n", LIST(doer, "read", "exact"));
	ok(strstr(said, "read exact: EMFILE"), "no more open files");
	status = of_profile(PLAIN, "[limits]\nmemory = '1K'\n", LIST(doer, "read", "exact"));
	ok(!WIFEXITED(status) || WEXITSTATUS(status), "no more memory");
}

/* A profile that is about files alone, one of which is not there yet. */
static void test_files_alone(void)
{
	FILE *f = fopen("profile.toml", "w");

	lay_out();
	shell("rm -rf fresh");
	fprintf(f, "[filesystem]\nread = ['%s', '%s/exact']\nwrite = ['%s/fresh']\n", doer, home,
		home);
	fclose(f);
	run(LIST("-p", "profile.toml"),
	    LIST(doer, "read", "exact", "read", "secret", "mkdir", "new", "mkdir", "fresh",
		 "create", "fresh/one", "both", "fresh/one", "unlink", "fresh/one", "rmdir",
		 "fresh", "fork", "send", "127.0.0.1:9", "call", "165", "call", "175", "call",
		 "110")); /* mount, init_module and getppid on x86_64 */
	ok(!strcmp(said, "read exact: ok\nread secret: EACCES\nmkdir new: EACCES\nmkdir fresh: ok\n"
			 "create fresh/one: ok\nboth fresh/one: ok\nunlink fresh/one: ok\n"
			 "rmdir fresh: ok\nfork : ok\nsend 127.0.0.1:9: EACCES\ncall 165: EPERM\n"
			 "call 175: EPERM\ncall 110: ok\n"),
	   "where no calls are listed all may be made, but for those that nobody can be held to");
}

/* What makes the kernel another one, or opens files of others. */
static void test_beyond(void)
{
	static const char *const calls[] = {
		"init_module", "finit_module",	"kexec_load", "kexec_file_load", "acct", "swapon",
		"swapoff",     "fanotify_init", "iopl",	      "ioperm",		 "bpf",
	};
	char entry[64];

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		char list[1024], why[64];
		int status;

		snprintf(entry, sizeof(entry), ", '%s'", calls[i]);
		snprintf(list, sizeof(list), "%s%s", PLAIN, entry);
		snprintf(why, sizeof(why), "syscalls.allow: %s: who may do that", calls[i]);
		status = of_profile(list, "", LIST(doer));
		ok(WEXITSTATUS(status) == 2 && strstr(told, why), "nor who may call %s", calls[i]);
	}
}

static void test_words(void)
{
	int status;

	status = of_profile(PLAIN, "", LIST(NULL));
	if (!ok(WIFEXITED(status) && WEXITSTATUS(status) == 0 && !said[0],
		"without a command it is the profile's program"))
		printf("# %x %s %s\n", (unsigned)status, said, told);
	status = of_profile(PLAIN ", 'mount'", "", LIST(doer));
	ok(WEXITSTATUS(status) == 2 && strstr(told, "syscalls.allow: mount: "),
	   "a call that nobody can be held to");
	status = of_profile(PLAIN ", 'ptrace'", "", LIST(doer));
	ok(WEXITSTATUS(status) == 2 && strstr(told, "syscalls.allow: ptrace: "),
	   "nor who may act through another process");
	test_beyond();
	status = of_profile(PLAIN ", 'ioctl:0x1:0x2'", "", LIST(doer));
	ok(WEXITSTATUS(status) == 2 && strstr(told, "another number of arguments"),
	   "more arguments than decide");
	status = of_profile(PLAIN ", 'read:0x1'", "", LIST(doer));
	ok(WEXITSTATUS(status) == 2 && strstr(told, "none of its arguments decides"),
	   "an argument where none decides");
	status = of_profile(PLAIN ", 'raed'", "", LIST(doer));
	ok(WEXITSTATUS(status) == 2 && strstr(told, "no system call of this arch"),
	   "a call that is none");
	status = run(LIST("-p", "nowhere.toml"), LIST(doer));
	ok(WEXITSTATUS(status) == 2 && strstr(told, "nowhere.toml: No such file"), "no profile");
	status = run(LIST("-p", "profile.toml", "--policy", "x"), LIST(doer));
	ok(WEXITSTATUS(status) == 2 && strstr(told, "not together"), "a policy besides");
	write_profile(PLAIN ", 'mkdir'", "");
	status = run(LIST("-p", "profile.toml", "--files", "judged", "--backend", "notify"),
		     LIST(doer));
	ok(WEXITSTATUS(status) == 2 && strstr(told, "allows mkdir"),
	   "names, with a backend that cannot hold anybody to them");
	write_profile(PLAIN, "");
	put("more.toml", "[filesystem]\nread = ['/nowhere/at/all']\n");
	status = run(LIST("-p", "more.toml", "--files", "landlock"), LIST(doer));
	ok(WEXITSTATUS(status) == 125 && strstr(told, "not there yet"),
	   "what Landlock cannot say, it is not asked to");
}

static void test_who_sees_to_files(void)
{
	static const char *const ways[][2] = {
		{ "judged", "\"files\":\"judged\"" },
		{ "landlock", "\"files\":\"landlock\"" },
	};

	write_profile(PLAIN, "");
	for (int i = 0; i < 2; i++) {
		run(LIST("-p", "profile.toml", "--files", ways[i][0], "--events", "2"), LIST(doer));
		ok(strstr(told, ways[i][1]) != NULL, "that files are %s is said", ways[i][0]);
	}
}

/* Backend notify opens on the caller's behalf: the same answers. */
static void test_notify(void)
{
	static const char *const backends[] = { "notify", "trace" };

	for (int i = 0; i < 2; i++) {
		lay_out();
		write_profile(PLAIN ", " OTHERS, "");
		run(LIST("-p", "profile.toml", "--files", "judged", "--backend", backends[i]),
		    LIST(doer, "read", "exact", "read", "secret", "list", "list", "list", ".",
			 "create", "w/new", "create", "new", "tcp", "127.0.0.1:9", "tcp",
			 "127.0.0.1:10", "udp", "127.0.0.1:10", "bind", "127.0.0.1:0", "bind",
			 "127.0.0.1:61235", "unix", "outside", "serve", "w/socket", "run", "run-me",
			 "run", "w/program", "third", "both", "third-how", "both", "third", "exact",
			 "third-how", "exact"));
		if (!ok(!strcmp(said, "read exact: ok\nread secret: EACCES\nlist list: ok\n"
				      "list .: EACCES\ncreate w/new: ok\ncreate new: EACCES\n"
				      "tcp 127.0.0.1:9: ok\ntcp 127.0.0.1:10: EACCES\n"
				      "udp 127.0.0.1:10: EACCES\nbind 127.0.0.1:0: ok\n"
				      "bind 127.0.0.1:61235: EACCES\nunix outside: EACCES\n"
				      "serve w/socket: ok\nrun run-me: ok\nrun w/program: EACCES\n"
				      "third both: ok\nthird-how both: ok\nthird exact: EACCES\n"
				      "third-how exact: EACCES\n"),
			"%s: opened, connected and executed as the profile says", backends[i]))
			printf("# %s %s\n", said, told);
	}
}

int main(void)
{
	warden = getenv("WARDEN");
	doer = getenv("DOER");
	if (!warden || !doer || !realpath(doer, doer_path) || !mkdtemp(home) || chdir(home))
		return 1;
	doer = doer_path;
	snprintf(said_file, sizeof(said_file), "%s/said", home);
	snprintf(told_file, sizeof(told_file), "%s/told", home);
	test_ways();
	test_names_in("judged", "n", true);
	test_names_in("judged", "n/empty", false);
	test_names_in("landlock", "n/empty", false);
	test_who_sees_to_files();
	test_moved_directories();
	test_made_anew();
	test_presence();
	test_closed_presence();
	test_clone3();
	test_notify();
	test_links();
	test_unlisted();
	test_execs();
	test_loader();
	test_limits();
	test_files_alone();
	test_words();
	if (chdir("/"))
		return 1;
	{
		char command[64];

		snprintf(command, sizeof(command), "rm -rf %s", home);
		shell(command);
	}
	return tap_done();
}
