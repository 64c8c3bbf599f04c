// SPDX-License-Identifier: Apache-2.0
#include "session.h"
#include "broken.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

void session_begin(struct session *s, int argc, char **argv, const char *const shapes[],
		   uint32_t ring_bytes)
{
	kit_begin(&s->kit, argc, argv, shapes);
	s->defended = s->kit.hooks && !strcmp(s->kit.hooks, "on");
	session_reopen(s, ring_bytes);
}

void session_reopen(struct session *s, uint32_t ring_bytes)
{
	int err = hooks_open(&s->hooks, ring_bytes);

	if (err) {
		errno = -err;
		kit_broken("/dev/photofinish");
	}
}

int session_add(struct session *s, const struct pf_hook *hook)
{
	int id = hooks_add(&s->hooks, hook);

	if (id < 0) {
		errno = -id;
		kit_broken(s->hooks.reason[0] ? s->hooks.reason : "hook");
	}
	return id;
}

void session_remove(struct session *s, int hook)
{
	int err = hooks_remove(&s->hooks, hook);

	if (err) {
		errno = -err;
		kit_broken("hook");
	}
}

unsigned session_count(struct session *s, session_test *test, const void *context)
{
	const struct pf_record *record;
	unsigned count = 0;
	int err;

	while ((record = hooks_next(&s->hooks, &err)))
		count += test(record, context);
	if (err) {
		errno = -err;
		kit_broken("ring");
	}
	return count;
}

bool session_is_of(const struct pf_record *record, const void *context)
{
	const struct session_of *of = context;
	const struct pf_event *event = (const void *)record;

	return record->kind < PF_KINDS && event->hook == (uint32_t)of->hook &&
	       (!of->pid || event->view.pid == (uint32_t)of->pid);
}

struct both {
	const struct session_of *of, *other;
	unsigned *others;
};

static bool is_of_first(const struct pf_record *record, const void *context)
{
	const struct both *both = context;

	*both->others += session_is_of(record, both->other);
	return session_is_of(record, both->of);
}

unsigned session_count_both(struct session *s, const struct session_of *of,
			    const struct session_of *other, unsigned *others)
{
	const struct both both = { of, other, others };

	*others = 0;
	return session_count(s, is_of_first, &both);
}

unsigned session_sees(struct session *s, int number, unsigned calls)
{
	struct pf_hook hook = hooks_all(PF_CALL);
	struct session_of of = { .pid = getpid() };
	unsigned seen;

	hook.number = number;
	of.hook = session_add(s, &hook);
	for (unsigned i = 0; i < calls; i++)
		syscall(number, 0);
	seen = session_count(s, session_is_of, &of);
	session_remove(s, of.hook);
	return seen;
}

struct pf_counts session_counts(struct session *s, int hook)
{
	struct pf_counts counts;

	errno = -hooks_counts(&s->hooks, hook, &counts);
	if (errno)
		kit_broken("counts");
	return counts;
}

bool session_has_counted(struct session *s, int hook, uint64_t matched, uint64_t done)
{
	struct pf_counts counts = session_counts(s, hook);

	return counts.matched == matched && counts.recorded + counts.dropped == matched &&
	       counts.done == done;
}

void session_judged(unsigned n, bool right, unsigned wanted, unsigned seen)
{
	const char *result = right ? "right" : "wrong";
	struct jsonl j;

	kit_event(&j, n, "trial");
	jsonl_int(&j, "wanted", wanted);
	jsonl_int(&j, "seen", seen);
	jsonl_str(&j, "result", result, strlen(result));
	kit_send(&j);
	if (!seen)
		return;
	kit_event(&j, n, "alive");
	kit_send(&j);
}

void session_looked(unsigned n, unsigned wanted, unsigned seen)
{
	session_judged(n, wanted == seen, wanted, seen);
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LOW  0u
#define HIGH 4u
#else
#define LOW  4u
#define HIGH 0u
#endif

void session_equals(struct sock_filter program[SESSION_EQUALS_LENGTH], unsigned offset,
		    uint64_t value)
{
	const struct sock_filter code[SESSION_EQUALS_LENGTH] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset + LOW),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)value, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset + HIGH),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value >> 32), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	memcpy(program, code, sizeof(code));
}

void session_give(struct pf_hook *hook, const struct sock_filter *program, unsigned length)
{
	hook->program = (uintptr_t)program;
	hook->length = length;
}

pid_t session_child(struct session *s, int (*work)(struct session *s, void *context), void *context)
{
	pid_t pid = kit_fork(&s->kit);
	int status;

	if (pid == 0)
		_exit(work(s, context));
	if (waitpid(pid, &status, 0) != pid)
		kit_broken("waitpid");
	if (WIFEXITED(status) && WEXITSTATUS(status) == KIT_BROKEN)
		_exit(KIT_BROKEN);
	return pid;
}

void session_await_sleep(pid_t pid)
{
	char path[64], line[128], state = 0;

	/* Its own: what the process has in all takes the longer the more threads there are. */
	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, pid);
	while (state != 'S') {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t n = fd < 0 ? -1 : pread(fd, line, sizeof(line) - 1, 0);
		const char *end;

		if (n <= 0)
			kit_broken(path);
		close(fd);
		line[n] = '\0';
		end = strrchr(line, ')');
		state = end && end[1] ? end[2] : 0;
		if (state == 'Z' || state == 'X') {
			errno = ESRCH;
			kit_broken(path);
		}
		kit_sleep_ns(100000);
	}
}

void session_await_freeing(struct session *s)
{
	const struct pf_hook any = hooks_all(PF_SIGNAL);

	/* A change of hooks waits for such; what that lets be freed may be under way, so there is another one. */
	for (int i = 0; i < 2; i++)
		session_remove(s, session_add(s, &any));
}
