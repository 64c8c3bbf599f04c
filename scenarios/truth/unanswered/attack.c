// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  who hears of an ioctl(2) that failed with ENOTTY and then looks for the file by its
 *          descriptor finds another one: the number may be somebody else's by now.
 * Steps:   ioctl(2) of commands that are answered, of some that are not, and of one that has nowhere to take its
 *          argument from, on files of several kinds; afterwards, or all the time by a thread, the descriptor
 *          becomes that of another.
 * Success: one that nobody answered is told of another file, or not, or twice; or one is told that was
 *          answered.
 * Source:  firmware rehosting, which looks for devices that a kernel lacks.
 */
#include "broken.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define UNKNOWN	 0x4004fe01u
#define CALLS	 12
#define PAUSE_NS 20000

static const char *const shapes[] = { "behind", "thread", NULL };

static struct {
	int fd;
	struct stat st;
} files[4];

static int shared_fd; /* that becomes one and another */
static int answer;

static void add_file(int i, int fd)
{
	if (fd < 0 || fstat(fd, &files[i].st))
		kit_broken("file");
	files[i].fd = fd;
}

/* The first answers FIONREAD, the second does not. */
static void make_files(void)
{
	int ends[2];

	if (pipe(ends))
		kit_broken("pipe");
	add_file(0, ends[0]);
	add_file(1, open("/dev/null", O_RDWR | O_CLOEXEC));
	add_file(2, open("/dev/zero", O_RDWR | O_CLOEXEC));
	add_file(3, socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	shared_fd = fcntl(ends[0], F_DUPFD_CLOEXEC, 20);
	if (shared_fd < 0)
		kit_broken("descriptor");
}

static void become(unsigned i)
{
	if (dup2(files[i].fd, shared_fd) < 0)
		kit_broken("dup2");
}

static void *exchange(void *unused)
{
	for (unsigned i = 0;; i++) {
		become(i % 2);
		kit_sleep_ns(PAUSE_NS);
	}
	return unused;
}

/* --- the watcher ------------------------------------------------------------------------------------ */

struct watcher {
	struct session *s;
	struct session_of of;
	unsigned command; /* of the call that it is about */
	unsigned records;
	bool fits;
	struct stat st; /* of the file that was told of */
};

static void look_up(struct stat *st, int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (stat(path, st))
		kit_broken(path);
}

static bool look(const struct pf_record *record, const void *context)
{
	struct watcher *w = (struct watcher *)(uintptr_t)context;
	const struct pf_event *event = (const void *)record;
	const __u64 *args = event->view.args;

	if (!session_is_of(record, &w->of))
		return false;
	if (!w->s->defended && event->view.result != -ENOTTY)
		return false;
	w->records++;
	w->st = (struct stat){
		.st_rdev = args[2], .st_dev = args[3], .st_ino = args[4], .st_mode = (mode_t)args[5]
	};
	w->fits = args[0] == w->command && args[1] == (uintptr_t)&answer;
	if (!w->s->defended) {
		look_up(&w->st, (int)args[0]);
		w->fits = args[1] == w->command;
	}
	return true;
}

static bool is_told(const struct watcher *w, unsigned file)
{
	const struct stat *a = &w->st, *b = &files[file].st;

	return w->records == 1 && w->fits && a->st_rdev == b->st_rdev && a->st_dev == b->st_dev &&
	       a->st_ino == b->st_ino && a->st_mode == b->st_mode;
}

/* Where the descriptor changes all the time, the result alone says which file was asked: one answers. */
static bool ask(struct watcher *w)
{
	struct kit *kit = &w->s->kit;
	bool thread = kit_shape_is(kit, "thread") && !kit->honest, unanswered;
	bool nowhere = !thread && kit_one_in(kit, 4); /* which is an answer, EFAULT */
	unsigned file = thread ? 1 : (unsigned)kit_below(kit, 4);

	w->command = thread || kit_below(kit, 2) ? FIONREAD : UNKNOWN;
	if (nowhere)
		w->command = FIONBIO;
	w->records = 0;
	if (!thread)
		become(file);
	errno = 0;
	syscall(SYS_ioctl, shared_fd, w->command, nowhere ? NULL : &answer);
	unanswered = errno == ENOTTY;
	if (!unanswered && errno != (nowhere ? EFAULT : 0))
		kit_broken("ioctl");
	if (!thread && !kit->honest)
		become((file + 1 + (unsigned)kit_below(kit, 3)) % 4);
	if (thread)
		kit_sleep_ns(kit_below(kit, 2 * PAUSE_NS));
	session_count(w->s, look, w);
	return unanswered ? is_told(w, file) : w->records == 0;
}

int main(int argc, char **argv)
{
	struct session s;
	struct pf_hook hook;
	struct watcher w = { .s = &s };
	pthread_t thread;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	make_files();
	hook = hooks_all(s.defended ? PF_UNANSWERED : PF_RETURN);
	if (!s.defended) {
		hook.number = SYS_ioctl;
		hook.parameters[0] = (struct pf_parameter){ 0, 4, 0, 0 };
		hook.parameters[1] = (struct pf_parameter){ 1, 4, 0, 0 };
	}
	w.of = (struct session_of){ session_add(&s, &hook), getpid() };
	if (!s.kit.honest && kit_shape_is(&s.kit, "thread") &&
	    pthread_create(&thread, NULL, exchange, NULL))
		kit_broken("thread");
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		unsigned right = 0;

		for (int i = 0; i < CALLS; i++)
			right += ask(&w);
		session_looked(n, CALLS, right);
	}
	_exit(0); /* with the thread, whatever it is at; and the session */
}
