// SPDX-License-Identifier: Apache-2.0
#include "probe.h"

#include "arch/arch.h"
#include "jsonl.h"
#include "launch.h"
#include "listener.h"
#include "proc.h"
#include "remote.h"
#include "restart.h"
#include "tracee.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_MS 2000

static const uint32_t landmark = 0x70686f74;

/* The one call the probe's filter asks about, twice. */
static void ask_twice(void *context)
{
	(void)context;
	_exit(syscall(SYS_getppid) >= 0 && syscall(SYS_getppid) > 0 ? 0 : 1);
}

static bool next_call(struct listener *l, struct held *out)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };

	return poll(&p, 1, ANSWER_MS) == 1 && listener_drain(l) == 0 && listener_pop(l, out);
}

static bool add_fd(struct listener *l, uint64_t id, uint32_t flags)
{
	struct seccomp_notif_addfd request = { .id = id, .flags = flags, .srcfd = (uint32_t)l->fd };

	return ioctl(l->fd, SECCOMP_IOCTL_NOTIF_ADDFD, &request) >= 0;
}

/* The last of these answers the call where it is known. */
static void probe_addfd(struct listener *l, uint64_t id, struct probe *out)
{
	out->addfd = add_fd(l, id, 0);
	out->addfd_send = add_fd(l, id, SECCOMP_ADDFD_FLAG_SEND);
	if (!out->addfd_send)
		(void)listener_refuse(l, id, ENOSYS);
}

static void probe_answer(struct launched *l, struct probe *out)
{
	static struct listener listener;
	struct held held;

	if (listener_init(&listener, l->listener_fd, l->killable) || launch_open_gate(l))
		return;
	if (!next_call(&listener, &held))
		return;
	out->user_notification = true;
	probe_addfd(&listener, held.id, out);
	if (!next_call(&listener, &held))
		return;
	out->continue_answer = listener_continue(&listener, held.id) == 0;
	if (!out->continue_answer)
		(void)listener_refuse(&listener, held.id, ENOSYS); /* or it would wait for ever */
}

static void end_child(struct launched *l)
{
	if (l->gate_fd >= 0)
		close(l->gate_fd);
	if (l->listener_fd >= 0)
		close(l->listener_fd);
	if (!l->pid)
		return;
	kill(l->pid, SIGKILL); /* our child until it is waited for */
	while (waitpid(l->pid, NULL, __WALL) < 0 && errno == EINTR)
		;
}

static bool start_child(uint32_t ask, launch_body body, struct launched *l)
{
	struct launch_error error;
	static struct filter filter;

	return filter_build_single(SYS_getppid, ask, &filter) == 0 &&
	       launch(&filter, body, NULL, l, &error) == 0;
}

static void probe_notify(struct probe *out)
{
	struct launched l;

	if (!start_child(SECCOMP_RET_USER_NOTIF, ask_twice, &l))
		return;
	out->killable_wait = l.killable;
	probe_answer(&l, out);
	end_child(&l);
	out->restart = restart_works();
}

static void probe_child(pid_t pid, struct probe *out)
{
	uint32_t seen = 0;
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	out->pidfd = pidfd >= 0;
	if (pidfd >= 0) {
		int fd = (int)syscall(SYS_pidfd_getfd, pidfd, STDERR_FILENO, 0);

		out->pidfd_getfd = fd >= 0 || errno == EBADF; /* of a child without that file */
		if (fd >= 0)
			close(fd);
		close(pidfd);
	}
	/* The child is a copy of us, so what is here is there. */
	out->memory = remote_read(pid, (uintptr_t)&landmark, &seen, sizeof(seen)) == 0 &&
		      seen == landmark;
}

/* What the refused call must fail with; no kernel says so of its own. */
#define PROBE_ERRNO   EBADSLT
#define PROBE_SECONDS 5

static void ask_to_be_refused(void *context)
{
	(void)context;
	alarm(PROBE_SECONDS); /* should nobody let us go */
	errno = 0;
	_exit(syscall(SYS_getppid) == -1 && errno == PROBE_ERRNO ? 0 : 1);
}

/* Until it asks every call is stopped at, so that the order of both is seen. */
static void go_to_next_call(struct tracee *t)
{
	/* ESRCH: it is dead, which wait will tell. */
	(void)ptrace(PTRACE_SYSCALL, t->tid, NULL, (void *)(long)t->signal);
	t->signal = 0;
}

/* Refuses the one call that is asked about. True when the child ended content. */
static bool refuse_once(struct launched *l, struct tracees *tracees, struct tracee *t,
			struct probe *out)
{
	bool asked = false, inside = false;
	int status;

	for (;;) {
		pid_t pid = waitpid(t->tid, &status, __WALL);

		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			return false;
		if (!proc_stopped(status)) {
			l->pid = 0; /* reaped: the number may be another's by now */
			return WIFEXITED(status) && WEXITSTATUS(status) == 0;
		}
		if (status >> 16 == PTRACE_EVENT_SECCOMP) {
			asked = true;
			out->seccomp_last = inside;
			if (arch.call_skip(t->tid, PROBE_ERRNO))
				return false;
			t->refusal = arch.call_finish ? PROBE_ERRNO : 0;
		} else if (!asked && WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			inside = !inside;
		} else if (t->refusal) {
			(void)arch.call_finish(t->tid, t->refusal);
			t->refusal = 0;
		} else {
			t->signal = status >> 16 ? 0 : WSTOPSIG(status);
		}
		if (asked)
			tracee_release(tracees, t);
		else
			go_to_next_call(t);
	}
}

static void probe_trace(struct probe *out)
{
	static struct tracees tracees = { .lasting = true };
	struct launched l;
	struct tracee *t;

	if (!start_child(SECCOMP_RET_TRACE, ask_to_be_refused, &l))
		return;
	probe_child(l.pid, out);
	out->trace = tracee_seize(&tracees, l.pid, &t) == 0;
	/* The interrupt: who is stopped before the gate can be led from call to call. */
	if (out->trace && tracee_interrupt(t) == 0 && launch_open_gate(&l) == 0)
		out->seccomp_trace = refuse_once(&l, &tracees, t, out);
	end_child(&l);
}

static bool notify_works(const struct probe *p)
{
	return p->user_notification && p->continue_answer && p->pidfd && p->restart;
}

bool probe_notify_works(void)
{
	struct probe p = { 0 };
	int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);

	p.pidfd = pidfd >= 0;
	if (pidfd < 0)
		return false;
	close(pidfd);
	probe_notify(&p);
	return notify_works(&p);
}

/* Calls that do nothing here, or that no kernel accepts so: ENOSYS tells who is not there. */
static void probe_calls(struct probe *out)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC };
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof(how));
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, 1u); /* asks for the version */

	out->openat2 = fd >= 0;
	if (fd >= 0)
		close(fd);
	out->clone3 = syscall(SYS_clone3, NULL, 0) < 0 && errno == EINVAL;
	out->landlock = abi > 0 ? (int)abi : 0;
}

void probe_run(struct probe *out)
{
	memset(out, 0, sizeof(*out));
	out->yama = proc_yama();
	probe_calls(out);
	probe_notify(out);
	probe_trace(out);
}

static const char *backend_of(const struct probe *p)
{
	if (notify_works(p))
		return "notify";
	return p->seccomp_trace ? "trace" : "none";
}

int probe_send(const struct probe *p, int fd)
{
	const char *backend = backend_of(p);
	struct utsname name;
	struct jsonl j;

	if (uname(&name) < 0)
		return -errno;
	jsonl_begin(&j, "probe");
	jsonl_str(&j, "arch", arch.name, strlen(arch.name));
	jsonl_str(&j, "release", name.release, strlen(name.release));
	jsonl_str(&j, "backend", backend, strlen(backend));
	jsonl_bool(&j, "userNotification", p->user_notification);
	jsonl_bool(&j, "continue", p->continue_answer);
	jsonl_bool(&j, "killableWait", p->killable_wait);
	jsonl_bool(&j, "notificationRestart", p->restart);
	jsonl_bool(&j, "addfd", p->addfd);
	jsonl_bool(&j, "addfdSend", p->addfd_send);
	jsonl_bool(&j, "pidfd", p->pidfd);
	jsonl_bool(&j, "pidfdGetfd", p->pidfd_getfd);
	jsonl_bool(&j, "clone3", p->clone3);
	jsonl_bool(&j, "openat2", p->openat2);
	jsonl_int(&j, "landlock", p->landlock);
	jsonl_bool(&j, "trace", p->trace);
	jsonl_bool(&j, "seccompTrace", p->seccomp_trace);
	jsonl_bool(&j, "seccompLast", p->seccomp_last);
	jsonl_bool(&j, "memory", p->memory);
	jsonl_int(&j, "yama", p->yama);
	return jsonl_send(&j, fd);
}
