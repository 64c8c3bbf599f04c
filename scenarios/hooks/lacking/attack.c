// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  on a kernel that lacks something the module loads and then tells nothing, or does not say what
 *          is missing.
 * Steps:   it is loaded with a parameter by which one of its probes counts as not there, each in turn; shape
 *          `proc`: where there is no /proc. Then for good.
 * Success: it loads without what it cannot be without, or names no option of the kernel's that it needs, or
 *          leaves its device there; without a function it does not load, has the kind or the ability all the
 *          same, or refuses a hook of it without the reason, or takes it; or sees nothing afterwards.
 * Source:  kernels that were configured for something else.
 */
#include "broken.h"
#include "doings.h"
#include "module.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEVICE "/dev/photofinish"
#define LOG    "/dev/kmsg"
#define CALLS  5

static const char *const shapes[] = { "tracepoint", "function", "proc", NULL };

static const char *const tracepoints[] = { "sys_enter",		 "sys_exit",
					   "sched_process_exec", "sched_process_fork",
					   "task_newtask",	 "sched_process_exit",
					   "sched_process_free", "signal_deliver" };

/* What cannot be had without it: of a kind nothing, or an ability. */
static const struct function {
	const char *name;
	enum pf_kind kind;
	uint64_t ability;
	const char *reason; /* of a hook that would need it; NULL: every hook can be had */
} functions[] = {
	{ "switch_task_namespaces", 0, PF_CAN_GATE_FREELY, NULL },
	{ "call_usermodehelper_exec", 0, PF_CAN_KEEP_HELPERS, "flags: PF_SCOPE_HELPERS" },
	{ "call_usermodehelper_exec_async", 0, PF_CAN_KEEP_HELPERS, "flags: PF_SCOPE_HELPERS" },
	{ "security_file_open", PF_OPEN, 0, "kind: no kprobe on security_file_open" },
	{ "security_socket_bind", PF_BIND, 0, "kind: no kprobe on security_socket_bind" },
	{ "security_socket_connect", PF_CONNECT, 0, "kind: no kprobe on security_socket_connect" },
	{ "sock_close", PF_RELEASE, 0, "kind: no kprobe on sock_close" },
	{ "security_file_ioctl", PF_UNANSWERED, 0, "kind: no kprobe on security_file_ioctl" },
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* --- the kernel's words ------------------------------------------------------------------------------- */

static int listen_to_kernel(void)
{
	int fd = open(LOG, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || lseek(fd, 0, SEEK_END) < 0)
		kit_broken(LOG);
	return fd;
}

/* Whether the module has said both since. */
static bool was_said(int fd, const char *name, const char *option)
{
	char line[1024];
	bool said = false;
	ssize_t n;

	while ((n = read(fd, line, sizeof(line) - 1)) > 0) {
		line[n] = '\0';
		said = said || (strstr(line, "photofinish: ") && strstr(line, name) &&
				strstr(line, option));
	}
	if (errno != EAGAIN || close(fd))
		kit_broken(LOG);
	return said;
}

/* --- what it cannot be without -------------------------------------------------------------------------- */

static bool is_refused(int err, int log, const char *name, const char *option)
{
	bool said = was_said(log, name, option);

	if (err == -ENODEV && said && access(DEVICE, F_OK))
		return true;
	dprintf(STDERR_FILENO, "%s: %d%s\n", name, err, said ? "" : ", and nothing was said");
	return false;
}

static int load_without(const struct session *s, const char *name)
{
	char parameters[64];

	snprintf(parameters, sizeof(parameters), "lacking=%s", s->defended ? name : "nothing");
	return module_load(parameters);
}

static bool needs_tracepoints(struct session *s)
{
	bool right = true;

	for (unsigned i = 0; i < COUNT(tracepoints) && right; i++) {
		int log = listen_to_kernel();
		bool of_calls = !strncmp(tracepoints[i], "sys_", 4);

		right = is_refused(load_without(s, tracepoints[i]), log, tracepoints[i],
				   of_calls ? "CONFIG_HAVE_SYSCALL_TRACEPOINTS"
					    : "CONFIG_TRACEPOINTS");
	}
	return right;
}

/* In a place of its own, where nobody else misses it. The error comes back as the status. */
static int load_without_proc(struct session *s)
{
	pid_t pid = kit_fork(&s->kit);
	int status;

	if (pid == 0) {
		if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		    (s->defended && umount2("/proc", MNT_DETACH)))
			kit_broken("/proc");
		_exit(-module_load(""));
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
	    WEXITSTATUS(status) == KIT_BROKEN)
		_exit(KIT_BROKEN);
	return -WEXITSTATUS(status);
}

static bool needs_proc(struct session *s)
{
	int log = listen_to_kernel();

	return is_refused(load_without_proc(s), log, "/proc", "CONFIG_UTS_NS");
}

/* --- what it can be without ----------------------------------------------------------------------------- */

static struct pf_hook hook_of(const struct function *f)
{
	struct pf_hook hook = hooks_all(f->kind ? f->kind : PF_EXEC);

	if (!f->kind)
		hook.flags |= PF_SCOPED | PF_SCOPE_LATER | PF_SCOPE_KEPT;
	if (f->ability == PF_CAN_KEEP_HELPERS)
		hook.flags |= PF_SCOPE_HELPERS;
	return hook;
}

static bool is_event(const struct pf_record *record, const void *context)
{
	(void)context;
	return record->kind < PF_KINDS;
}

/* Of hooks there is none that would see it. */
static bool sees_nothing(struct session *s)
{
	doings_all(&s->kit);
	return !session_count(s, is_event, NULL);
}

static bool does_without(struct session *s, const struct function *f)
{
	int err = load_without(s, f->name), id;
	struct pf_hook hook = hook_of(f);
	const struct pf_info *info = &s->hooks.info;
	bool had, right;

	if (err)
		return false;
	session_reopen(s, PF_RING_LEAST);
	had = f->kind ? info->kinds & 1ull << f->kind : info->abilities & f->ability;
	id = hooks_add(&s->hooks, &hook);
	right = f->reason ? id == -EOPNOTSUPP &&
				    !strncmp(s->hooks.reason, f->reason, strlen(f->reason))
			  : id > 0;
	if (had || !right)
		dprintf(STDERR_FILENO, "%s: %s, %d %s\n", f->name, had ? "there" : "not there", id,
			s->hooks.reason);
	right = right && !had && sees_nothing(s);
	hooks_close(&s->hooks);
	if (module_unload()) /* nothing of what was refused keeps it */
		kit_broken("unload");
	return right;
}

static bool does_without_each(struct session *s)
{
	bool right = true;

	for (unsigned i = 0; i < COUNT(functions) && right; i++)
		right = does_without(s, &functions[i]);
	return right;
}

/* ---------------------------------------------------------------------------------------------------- */

static bool try(struct session *s)
{
	if (s->kit.honest)
		return true;
	if (kit_shape_is(&s->kit, "tracepoint"))
		return needs_tracepoints(s);
	return kit_shape_is(&s->kit, "proc") ? needs_proc(s) : does_without_each(s);
}

/* As it should be on this kernel, whatever became of it before. */
static void load_again(struct session *s)
{
	int err = module_unload();

	if (!err || err == -ENOENT)
		err = module_load("");
	if (err) {
		errno = -err;
		kit_broken("load");
	}
	session_reopen(s, PF_RING_LEAST);
}

int main(int argc, char **argv)
{
	struct session s;

	session_begin(&s, argc, argv, shapes, PF_RING_LEAST);
	for (unsigned n = 1; n <= s.kit.trials; n++) {
		unsigned seen;
		bool right;

		hooks_close(&s.hooks);
		if (module_unload())
			kit_broken("unload");
		right = try(&s);
		load_again(&s);
		seen = session_sees(&s, SYS_getppid, CALLS);
		session_judged(n, right && seen == CALLS, CALLS, seen);
	}
	hooks_close(&s.hooks);
	return 0;
}
