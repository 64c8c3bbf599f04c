// SPDX-License-Identifier: Apache-2.0
/*
 * PID 1 of a guest: sets it up, says where its mailbox is, then runs one job after another.
 * It never exits, since the kernel would panic: when it cannot go on it says why and stands still.
 */
#include "checkpoint.h"
#include "checks.h"
#include "frame.h"
#include "guest.h"
#include "mailbox.h"
#include "run.h"
#include "shell.h"
#include "spawn.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

/* Every payload has it (runner/src/provision): it lets everything pass. */
#define POLICY "/policies/permissive"
#define MODULE "/lib/modules/photofinish.ko"
/* Only in payloads for a person's shell: brings the network and a login up, then ends. */
#define SHELL_SCRIPT "/etc/rc.shell"
/* Beside it: random bytes of the host's. An old kernel finds none in here, and a login waits. */
#define SHELL_SEED "/etc/random-seed"

/* Messages of KERN_ERR and worse still reach the console; chatter would only get between frames. What a
 * kernel finds with its checks may be a KERN_WARNING. */
#define CONSOLE_LEVEL		    4
#define CONSOLE_LEVEL_OF_CHECKS	    5
#define SYSLOG_ACTION_CONSOLE_LEVEL 8 /* syslog(2) */

/* How long a booted kernel is left alone before it is measured; the first trials after a boot are
 * slow. */
#define SETTLE_NS    500000000
#define WARM_UP_RUNS 3

static _Noreturn void stand_still(const char *step, const char *subject, int err)
{
	frame_error(step, subject, err);
	for (;;)
		pause();
}

static void load_modules(void)
{
	int err = guest_load_module(MODULE);

	/* A payload without the module is legal: its features then say hooks 0. */
	if (err && err != -ENOENT)
		frame_error("module", MODULE, err);
}

/* The paths that trials take are taken a few times before the checkpoint. */
static void warm_up(void)
{
	static const char *const command[] = {
		"/bin/warden", "run", "--argv-guard", "strict", "--events", "3", "--policy",
		POLICY,	       "--",  "/bin/witness", "WARM",	"0",	    NULL
	};
	const struct timespec settle = { .tv_nsec = SETTLE_NS };

	nanosleep(&settle, NULL);
	for (int i = 0; i < WARM_UP_RUNS; i++) {
		int status = spawn_quietly(command);

		/* An old kernel may refuse the warden; that is for its scenarios to find, not for
		 * the boot. */
		if (status < 0)
			stand_still("warm-up", "/bin/warden", status);
	}
}

/* What was found so far, the loading of the module included, is nobody's job: there is no READY then. */
static void check_boot(void)
{
	const char *what;
	int err = checks_open(&what);

	if (err)
		stand_still("checks", what, err);
	if (checks_report(true)) {
		for (;;)
			pause();
	}
}

static void open_shell(void)
{
	static const char *const command[] = { "/bin/busybox", "sh", SHELL_SCRIPT, NULL };
	int status;

	if (access(SHELL_SCRIPT, F_OK))
		return;
	status = guest_seed_random(SHELL_SEED);
	if (status)
		stand_still("random seed", SHELL_SEED, status);
	status = spawn_as_root(command);
	if (status)
		stand_still("shell", SHELL_SCRIPT, status < 0 ? status : -EIO);
	/* From here on nobody waits for what people leave behind. */
	if (signal(SIGCHLD, SIG_IGN) == SIG_ERR)
		stand_still("signal", "SIGCHLD", -errno);
}

static void say_ready(uint64_t physical)
{
	struct utsname names;
	struct jsonl j;
	char address[19] = "0x";
	size_t at = 2;
	int err;

	for (int shift = 60; shift >= 0; shift -= 4) {
		unsigned digit = physical >> shift & 15;

		if (digit || at > 2 || !shift)
			address[at++] = "0123456789abcdef"[digit];
	}
	if (uname(&names))
		stand_still("uname", "", -errno);
	jsonl_begin(&j, "ready");
	jsonl_str(&j, "mailbox", address, at);
	jsonl_int(&j, "mailboxBytes", MAILBOX_BYTES);
	jsonl_str(&j, "release", names.release, strlen(names.release));
	guest_features(&j);
	frame_event(&j);
	err = frame_drain();
	if (err)
		stand_still("console", "drain", err);
}

static _Noreturn void serve(struct mailbox *box)
{
	static struct job job;

	for (unsigned jobs = 0;; jobs++) {
		struct jsonl j;
		int err;

		checkpoint_here(jobs);
		err = mailbox_wait(box, &job);
		if (err)
			frame_error("job", "mailbox", err);
		else if (job.shell_bytes)
			shell_run((size_t)job.shell_bytes);
		else
			run_job(&job);
		if (checks_wanted())
			checks_report(!err && job.leaks);
		jsonl_begin(&j, "end");
		frame_event(&j);
		/* Whoever stops us next is to have heard it. */
		err = frame_drain();
		if (err)
			stand_still("console", "drain", err);
	}
}

int main(void)
{
	struct mailbox *box;
	struct fault fault;
	uint64_t physical;
	int level;
	int err = frame_open("/dev/console");

	if (err)
		return 1;
	if (guest_mount(&fault))
		stand_still(fault.step, fault.subject, fault.err);
	load_modules();
	level = checks_wanted() ? CONSOLE_LEVEL_OF_CHECKS : CONSOLE_LEVEL;
	if (klogctl(SYSLOG_ACTION_CONSOLE_LEVEL, NULL, level) < 0)
		stand_still("syslog", "console level", -errno);
	warm_up();
	if (checks_wanted())
		check_boot();
	err = guest_scrub();
	if (err)
		stand_still("scrub", "free memory", err);
	/* Compaction may move locked pages; the host writes to a physical address. Not every kernel
	 * has it. */
	err = guest_sysctl("vm/compact_unevictable_allowed", "0");
	if (err && err != -ENOENT)
		stand_still("sysctl", "vm/compact_unevictable_allowed", err);
	open_shell();
	err = mailbox_open(&box, &physical);
	if (err)
		stand_still("mailbox", "/proc/self/pagemap", err);
	say_ready(physical);
	serve(box);
}
