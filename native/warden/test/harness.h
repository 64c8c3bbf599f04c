/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the real warden over a command and keeps what both said. */
#ifndef PF_HARNESS_H
#define PF_HARNESS_H

#include "jsonl.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROOM	 (4u << 20)
#define LIMIT_NS 60000000000u
#define MAX_ARGS 24

#define OTHER_UID 1000

struct stream {
	int fd;
	size_t used;
	char text[ROOM];
};

struct session {
	pid_t pid;
	int status; /* as wait(2) gives it; -1: it had to be killed at the limit */
	struct stream out, events;
};

static const char *self, *warden;
static const char *backend;   /* of the sessions that are started */
static bool ignores_children; /* SIGCHLD, whoever starts them */
static char policy_file[] = "/tmp/warden-policy-XXXXXX";

static bool write_image(const unsigned char *image, size_t size)
{
	FILE *f = fopen(policy_file, "w");

	return f && fwrite(image, 1, size, f) == size && fclose(f) == 0;
}

#define write_policy(image) write_image(image, sizeof(image))

/* Keeps the ends of both pipes out of everybody else's reach, and events on 3 as in a guest. */
static void become_warden(int out, int events, const char *const *flags, const char *const *command)
{
	const char *argv[MAX_ARGS] = {
		warden, "run", "--backend", backend, "--policy", policy_file
	};
	int n = 6;

	while (*flags && n < MAX_ARGS - 2)
		argv[n++] = *flags++;
	argv[n++] = "--";
	while (*command && n < MAX_ARGS - 1)
		argv[n++] = *command++;
	if (ignores_children)
		signal(SIGCHLD, SIG_IGN);
	if (dup2(out, STDOUT_FILENO) >= 0 && dup2(events, 3) >= 0) {
		if (out != 3)
			close(out);
		if (events != 3)
			close(events);
		execv(warden, (char **)argv);
	}
	_exit(90);
}

static void start(struct session *s, const char *const *flags, const char *const *command)
{
	int out[2], events[2];

	if (pipe2(out, O_CLOEXEC) || pipe2(events, O_CLOEXEC))
		abort();
	s->pid = fork();
	if (s->pid < 0)
		abort();
	if (s->pid == 0)
		become_warden(out[1], events[1], flags, command);
	close(out[1]);
	close(events[1]);
	s->out.fd = out[0];
	s->events.fd = events[0];
	s->out.used = s->events.used = 0;
	s->out.text[0] = s->events.text[0] = '\0';
	s->status = -1;
}

static void take(struct stream *s)
{
	ssize_t n = read(s->fd, s->text + s->used, ROOM - 1 - s->used);

	if (n <= 0) {
		close(s->fd);
		s->fd = -1;
		return;
	}
	s->used += (size_t)n;
	s->text[s->used] = '\0';
}

/* Reads until `word` is said, both streams end, or the limit. True unless the limit was hit. */
static bool pump(struct session *s, const char *word)
{
	uint64_t deadline = jsonl_now() + LIMIT_NS;

	while (s->out.fd >= 0 || s->events.fd >= 0) {
		struct pollfd fds[2] = { { .fd = s->out.fd, .events = POLLIN },
					 { .fd = s->events.fd, .events = POLLIN } };

		if (word && strstr(s->out.text, word))
			return true;
		if (jsonl_now() > deadline)
			return false;
		if (poll(fds, 2, 1000) < 0 && errno != EINTR)
			return false;
		if (s->out.fd >= 0 && fds[0].revents)
			take(&s->out);
		if (s->events.fd >= 0 && fds[1].revents)
			take(&s->events);
	}
	return true;
}

static void end(struct session *s)
{
	bool in_time = pump(s, NULL);

	if (!in_time)
		kill(s->pid, SIGKILL);
	while (waitpid(s->pid, &s->status, 0) < 0 && errno == EINTR)
		;
	if (!in_time)
		s->status = -1;
	if (s->out.fd >= 0)
		close(s->out.fd);
	if (s->events.fd >= 0)
		close(s->events.fd);
}

static bool exited(const struct session *s, int status)
{
	return s->status != -1 && WIFEXITED(s->status) && WEXITSTATUS(s->status) == status;
}

/* Lines of `text` that hold both words (or the one, when the other is NULL). */
static int count_lines(const char *text, const char *one, const char *other)
{
	int n = 0;

	while (*text) {
		size_t length = strcspn(text, "\n");
		const char *first = memmem(text, length, one, strlen(one));

		n += first && (!other || memmem(text, length, other, strlen(other)));
		text += length + (text[length] == '\n');
	}
	return n;
}

static int events_of(const struct session *s, const char *event, const char *detail)
{
	char name[64];

	snprintf(name, sizeof(name), "\"event\":\"%s\"", event);
	return count_lines(s->events.text, name, detail);
}

static int said(const struct session *s, const char *word)
{
	return count_lines(s->out.text, word, NULL);
}

static void show(const struct session *s)
{
	printf("# status 0x%x\n# --- out\n", (unsigned)s->status);
	for (const char *at = s->out.text; *at; at += strcspn(at, "\n"), at += *at == '\n')
		printf("# %.*s\n", (int)strcspn(at, "\n"), at);
	printf("# --- events\n");
	for (const char *at = s->events.text; *at; at += strcspn(at, "\n"), at += *at == '\n')
		printf("# %.*s\n", (int)strcspn(at, "\n"), at);
}

static struct session session;

#define LIST(...) ((const char *const[]){ __VA_ARGS__ })

/* Runs one of our own behaviours to the end. */
static const struct session *run_behaviour(const char *const *flags, const char *what,
					   const char *word)
{
	start(&session, flags, LIST(self, "behave", what, word, NULL));
	end(&session);
	return &session;
}

/* What an exec keeps of this process's capabilities, as somebody who is not root: these or none. */
static bool keep_capabilities(uint32_t set)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { { set, set, set } };

	if (syscall(SYS_capset, &header, data) < 0)
		return false;
	for (unsigned i = 0; i < 32; i++)
		if (set >> i & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) < 0)
			return false;
	return true;
}

/* Root may do things that others may not, so passing as root alone would prove little. */
static bool become_other(uint32_t capabilities)
{
	if (geteuid() == 0 && (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 ||
			       setresgid(OTHER_UID, OTHER_UID, OTHER_UID) < 0 ||
			       setresuid(OTHER_UID, OTHER_UID, OTHER_UID) < 0))
		return false;
	return keep_capabilities(capabilities);
}

static bool may_trace(void)
{
	return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_SYS_PTRACE, 0, 0) == 1;
}

/* Whose programs these are, and where a leak check could not work; false when there is no warden. */
static inline bool find_programs(void)
{
	static char path[4096];

	warden = getenv("WARDEN");
	self = realpath("/proc/self/exe", path);
	/* A leak check would need clone(CLONE_UNTRACED) in programs under the warden. */
	setenv("ASAN_OPTIONS", "detect_leaks=0", 0);
	return self && warden;
}

/* A new file for the policy, which others may read as well. */
static inline void make_policy_file(void)
{
	int fd;

	strcpy(policy_file + strlen(policy_file) - 6, "XXXXXX");
	fd = mkstemp(policy_file);
	if (fd < 0 || fchmod(fd, 0644) < 0 || close(fd) < 0)
		abort();
}

/* What auto must come to here, as warden probe has it. */
static inline bool notify_works(void)
{
	char command[4200], line[4096] = "";
	FILE *probe;

	snprintf(command, sizeof(command), "'%s' probe", warden);
	probe = popen(command, "r");
	if (!probe || !fgets(line, sizeof(line), probe) || pclose(probe))
		abort();
	printf("# %s", line);
	return strstr(line, "\"backend\":\"notify\"");
}

/* As root, as another user with CAP_SYS_PTRACE, and as one without; what we are not is left out. */
static inline void as_everybody(void (*tests)(void))
{
	if (geteuid() == 0) {
		tests();
		if (become_other(1u << CAP_SYS_PTRACE))
			tests();
		else
			printf("ok %d # SKIP this root has no CAP_SYS_PTRACE\n", ++tap_count);
		if (!become_other(0))
			abort();
	}
	tests();
}

static bool check(bool good, const char *name)
{
	const char *with = may_trace() ? " with CAP_SYS_PTRACE" : "";

	if (!ok(good, "%s, uid %d%s: %s", backend, (int)geteuid(), with, name))
		show(&session);
	return good;
}

#endif
