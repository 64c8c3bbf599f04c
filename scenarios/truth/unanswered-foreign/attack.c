// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  ioctl(2) of 32-bit callers is a function of its own in the kernel, and another number: who
 *          watches the native one hears nothing of it.
 * Steps:   ioctls that nobody answers, on one of two devices, natively or by int 0x80.
 * Success: one is not told of, or with another ABI, command, argument or file.
 * Source:  compat_sys_ioctl (fs/ioctl.c; fs/compat_ioctl.c before 5.5).
 */
#include "broken.h"
#include "int80.h"
#include "session.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define I386_IOCTL 54
#define UNKNOWN	   0x4004fe01u
#define CALLS	   8

static const char *const shapes[] = { "plain", NULL };

static struct {
	int fd;
	struct stat st;
} files[2];

static void open_file(int i, const char *path)
{
	files[i].fd = open(path, O_RDWR | O_CLOEXEC);
	if (files[i].fd < 0 || fstat(files[i].fd, &files[i].st))
		kit_broken(path);
}

/* What a record of the call that is under way has to say. */
struct wanted {
	struct session_of of;
	bool truth; /* of PF_UNANSWERED, which tells of the file */
	unsigned abi;
	uint64_t argument;
	const struct stat *st;
};

static bool is_wanted(const struct pf_record *record, const void *context)
{
	const struct wanted *w = context;
	const struct pf_view *view = &((const struct pf_event *)(const void *)record)->view;
	bool same;

	if (!session_is_of(record, &w->of))
		return false;
	if (!w->truth)
		return view->result == -ENOTTY && view->args[1] == UNKNOWN;
	same = view->args[2] == w->st->st_rdev && view->args[3] == w->st->st_dev &&
	       view->args[4] == w->st->st_ino && view->args[5] == w->st->st_mode;
	return same && view->abi == w->abi && view->args[0] == UNKNOWN &&
	       view->args[1] == w->argument;
}

/* The argument has more than 32 bits, of which a 32-bit caller's ioctl has the lower ones. */
static bool ask(struct session *s, struct wanted *w)
{
	const uint64_t argument = 0x100000000u | kit_below(&s->kit, 1u << 30);
	unsigned file = (unsigned)kit_below(&s->kit, 2);
	bool foreign = !s->kit.honest && kit_below(&s->kit, 2);
	long result;

	w->st = &files[file].st;
	w->abi = foreign ? AUDIT_ARCH_I386 : AUDIT_ARCH_X86_64;
	w->argument = foreign ? (uint32_t)argument : argument;
	if (foreign)
		result = int80(I386_IOCTL, files[file].fd, UNKNOWN, (long)argument);
	else
		result = syscall(SYS_ioctl, files[file].fd, UNKNOWN, argument) < 0 ? -errno : 0;
	if (result != -ENOTTY)
		kit_broken("ioctl");
	return session_count(s, is_wanted, w) == 1;
}

int main(int argc, char **argv)
{
	struct wanted w = { .of.pid = getpid() };
	struct pf_hook hook;
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	open_file(0, "/dev/null");
	open_file(1, "/dev/zero");
	w.truth = s.defended;
	hook = hooks_all(w.truth ? PF_UNANSWERED : PF_RETURN);
	if (!w.truth)
		hook.number = SYS_ioctl;
	w.of.hook = session_add(&s, &hook);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		unsigned told = 0;

		for (int i = 0; i < CALLS; i++)
			told += ask(&s, &w);
		session_looked(n, CALLS, told);
	}
	hooks_close(&s.hooks);
	return 0;
}
