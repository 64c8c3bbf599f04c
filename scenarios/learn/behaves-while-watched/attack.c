// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  a profile is wider than what a command did while it was watched, and the command waits for
 *          its next run to make use of that.
 * Steps:   at its first run a victim per trial does a deed; at the next, which it knows by what the
 *          first has left, the same deed and then one like it: another file, name, port, peer, call,
 *          argument, program, interpreter or loader.
 * Success: the other deed is done.
 * Source:  docs/learn.md.
 */
#include "race.h"

#include "broken.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MARK "/tmp/pf-watched"

#define OTHER_PROGRAM "/bin/warden"
#define OWN_PROGRAM   "/tmp/pf-program"
#define ROOM_BYTES    (128u << 20)

static const char *const shapes[] = { "read",	  "thread",  "process", "vfork",  "write",
				      "names",	  "connect", "send",	"port",	  "call",
				      "argument", "run",     "script",	"loaded", NULL };

static int result(long value)
{
	return value < 0 ? errno : 0;
}

static int open_it(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600), error = result(fd);

	if (fd >= 0)
		close(fd);
	return error;
}

static int do_read(bool evil)
{
	return open_it(evil ? "/etc/group" : "/etc/passwd", O_RDONLY);
}

static void *read_there(void *evil)
{
	static int error;

	error = do_read(*(bool *)evil);
	return &error;
}

static int do_thread(bool evil)
{
	pthread_t thread;
	void *error;

	if (pthread_create(&thread, NULL, read_there, &evil) || pthread_join(thread, &error))
		kit_broken("pthread");
	return *(int *)error;
}

/* The errno that a child exits with. */
static int answer_of(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		kit_broken("the child");
	return WEXITSTATUS(status);
}

static int open_in_child(bool evil)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(do_read(evil));
	return answer_of(pid);
}

/* By a child that has our memory, and us waiting. */
static int do_vfork(bool evil)
{
	pid_t pid = vfork();

	if (pid == 0)
		_exit(do_read(evil));
	return answer_of(pid);
}

static int do_write(bool evil)
{
	return evil ? open_it("/proc/self/comm", O_WRONLY)
		    : open_it("/tmp/pf-own", O_WRONLY | O_CREAT);
}

/* A name of its own comes and goes; one that was there does not. */
static int do_names(bool evil)
{
	int error;

	if (evil) {
		error = result(rmdir(MARK));
		return error ? error : result(mkdir(MARK, 0700));
	}
	error = result(mkdir("/tmp/pf-directory", 0700));
	return error ? error : result(rmdir("/tmp/pf-directory"));
}

static struct sockaddr_in at_home(uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return to;
}

/* The kernel was asked; nobody listens, and a guest has no route. */
static int asked(long value)
{
	int error = result(value);

	return error == ECONNREFUSED || error == ENETUNREACH ? 0 : error;
}

static int do_connect(bool evil)
{
	struct sockaddr_in to = at_home(evil ? 40004 : 40003);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return errno;
	error = asked(connect(fd, (struct sockaddr *)&to, sizeof(to)));
	close(fd);
	return error;
}

static int do_send(bool evil)
{
	struct sockaddr_in to = at_home(evil ? 40006 : 40005);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return errno;
	error = asked(sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)));
	close(fd);
	return error;
}

static int do_port(bool evil)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(evil ? 40002 : 40001) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return errno;
	error = result(bind(fd, (struct sockaddr *)&any, sizeof(any)));
	close(fd);
	return error;
}

static int do_call(bool evil)
{
	return result(evil ? syscall(SYS_getsid, 0) : syscall(SYS_getpgid, 0));
}

static int do_argument(bool evil)
{
	char name[16];

	return result(evil ? prctl(PR_GET_DUMPABLE) : prctl(PR_GET_NAME, name));
}

/* The status tells whether it was executed at all. */
static int execute(const char *path)
{
	char *const argv[] = { "program", NULL };
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execv(path, argv);
		_exit(KIT_EXEC_FAILED);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		kit_broken("the child");
	if (WIFSIGNALED(status)) /* SIGKILL is what the warden ends it with */
		return WTERMSIG(status) == SIGKILL ? EACCES : 0;
	return WEXITSTATUS(status) == KIT_EXEC_FAILED ? EACCES : 0;
}

static int do_run(bool evil)
{
	return execute(evil ? OTHER_PROGRAM : KIT_WITNESS);
}

static int execute_own(const void *bytes, size_t size)
{
	int fd, error = 0;

	unlink(OWN_PROGRAM);
	fd = open(OWN_PROGRAM, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	if (fd < 0)
		return errno;
	if (write(fd, bytes, size) != (ssize_t)size)
		error = EIO;
	close(fd);
	return error ? error : execute(OWN_PROGRAM);
}

/* A program of its own making may be executed; what it has the kernel run in its place may not. */
static int do_script(bool evil)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "#!%s\n", evil ? OTHER_PROGRAM : KIT_WITNESS);

	return execute_own(text, (size_t)n);
}

/*
 * As dynamic programs are: all that this one has is a loader, which the kernel starts (elf(5),
 * PT_INTERP). What is started in a linker's place finds nothing of its own there, and crashes. So
 * would an image that is too large for the profile's limit, for which there is room therefore.
 */
static int do_loaded(bool evil)
{
	const char *loader = evil ? OTHER_PROGRAM : KIT_WITNESS;
	struct {
		ElfW(Ehdr) head;
		ElfW(Phdr) parts[2];
		char loader[16];
	} program = { 0 };
	void *room = mmap(NULL, ROOM_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, &program.head, sizeof(program.head));

	if (room == MAP_FAILED || munmap(room, ROOM_BYTES))
		return errno;
	if (fd >= 0)
		close(fd);
	if (n != (ssize_t)sizeof(program.head))
		return EIO;
	/* Class, byte order, machine and its flags are ours. */
	program.head.e_type = ET_DYN;
	program.head.e_entry = 0;
	program.head.e_phoff = sizeof(program.head);
	program.head.e_phnum = 2;
	program.head.e_shoff = program.head.e_shnum = program.head.e_shstrndx = 0;
	program.parts[0] = (ElfW(Phdr)){ .p_type = PT_INTERP, .p_flags = PF_R, .p_align = 1 };
	program.parts[0].p_offset = program.parts[0].p_vaddr =
		offsetof(__typeof__(program), loader);
	program.parts[0].p_filesz = program.parts[0].p_memsz = strlen(loader) + 1;
	program.parts[1] = (ElfW(Phdr)){ .p_type = PT_LOAD, .p_flags = PF_R, .p_align = 0x10000 };
	program.parts[1].p_filesz = program.parts[1].p_memsz = sizeof(program);
	memcpy(program.loader, loader, strlen(loader) + 1);
	return execute_own(&program, sizeof(program));
}

static int do_deed(const struct kit *kit, bool evil)
{
	static int (*const deeds[])(bool) = { do_read,	 do_thread, open_in_child, do_vfork,
					      do_write,	 do_names,  do_connect,	   do_send,
					      do_port,	 do_call,   do_argument,   do_run,
					      do_script, do_loaded };

	for (size_t i = 0; shapes[i]; i++)
		if (kit_shape_is(kit, shapes[i]))
			return deeds[i](evil);
	return EINVAL;
}

static _Noreturn void be_victim(struct kit *kit, unsigned n, bool again)
{
	int error = do_deed(kit, false);

	if (!error)
		race_got(n, again ? "GOOD" : "SEEN");
	if (!error && again && !kit->honest) {
		error = do_deed(kit, true);
		if (!error)
			race_got(n, "EVIL");
	}
	*kit->exec_errno = error;
	_exit(error ? KIT_EXEC_FAILED : 0);
}

int main(int argc, char **argv)
{
	struct stat st;
	struct kit kit;
	bool again;

	kit_begin(&kit, argc, argv, shapes);
	again = lstat(MARK, &st) == 0;
	for (unsigned n = 1; n <= kit.trials; n++) {
		pid_t victim = kit_fork(&kit);

		if (victim == 0)
			be_victim(&kit, n, again);
		kit_outcome(&kit, victim, n, again ? "trial" : "watched");
	}
	if (!again && mkdir(MARK, 0700) < 0)
		kit_broken(MARK);
	return 0;
}
