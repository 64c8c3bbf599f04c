// SPDX-License-Identifier: Apache-2.0
#include "probe.h"

#include "arch/arch.h"
#include "jsonl.h"
#include "launch.h"
#include "listener.h"
#include "proc.h"
#include "remote.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_MS 2000

static const uint32_t landmark = 0x70686f74;

/* The one call the probe's filter asks about. */
static void ask_once(void *context)
{
	(void)context;
	_exit(syscall(SYS_getppid) > 0 ? 0 : 1);
}

static void probe_answer(struct launched *l, struct probe *out)
{
	static struct listener listener;
	struct pollfd p = { .fd = l->listener_fd, .events = POLLIN };
	struct held held;

	if (listener_init(&listener, l->listener_fd, l->killable) || launch_open_gate(l))
		return;
	if (poll(&p, 1, ANSWER_MS) != 1 || listener_drain(&listener) ||
	    !listener_pop(&listener, &held))
		return;
	out->user_notification = true;
	out->continue_answer = listener_continue(&listener, held.id) == 0;
	if (!out->continue_answer)
		(void)listener_refuse(&listener, held.id, ENOSYS); /* or it would wait for ever */
}

static void probe_child(struct launched *l, struct probe *out)
{
	uint32_t seen = 0;
	int pidfd = (int)syscall(SYS_pidfd_open, l->pid, 0);

	out->killable_wait = l->killable;
	out->pidfd = pidfd >= 0;
	if (pidfd >= 0)
		close(pidfd);
	/* The child is a copy of us, so what is here is there. */
	out->memory = remote_read(l->pid, (uintptr_t)&landmark, &seen, sizeof(seen)) == 0 &&
		      seen == landmark;
	out->trace = ptrace(PTRACE_SEIZE, l->pid, NULL, NULL) == 0;
}

void probe_run(struct probe *out)
{
	struct launch_error error;
	struct filter filter;
	struct launched l;

	memset(out, 0, sizeof(*out));
	out->yama = proc_yama();
	if (filter_build_single(SYS_getppid, &filter) ||
	    launch(&filter, ask_once, NULL, &l, &error))
		return;
	probe_child(&l, out);
	probe_answer(&l, out);
	if (l.gate_fd >= 0)
		close(l.gate_fd);
	close(l.listener_fd);
	kill(l.pid, SIGKILL); /* our child until it is waited for */
	while (waitpid(l.pid, NULL, __WALL) < 0 && errno == EINTR)
		;
}

int probe_send(const struct probe *p, int fd)
{
	const char *backend =
		p->user_notification && p->continue_answer && p->pidfd ? "notify" : "none";
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
	jsonl_bool(&j, "pidfd", p->pidfd);
	jsonl_bool(&j, "trace", p->trace);
	jsonl_bool(&j, "memory", p->memory);
	jsonl_int(&j, "yama", p->yama);
	return jsonl_send(&j, fd);
}
