// SPDX-License-Identifier: Apache-2.0
#include "kit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TRIALS_MAX 100000
#define WARM_UPS 3
#define WRITES_MAX 64
#define AIM_MAX_NS 1000000000u

/* _exit: also used between fork and exec, where nobody else's buffers may be flushed. */
static _Noreturn void broken(const char *step)
{
	dprintf(STDERR_FILENO, "kit: %s: %s\n", step, strerror(errno));
	_exit(KIT_BROKEN);
}

static _Noreturn void wrong(const char *what, const char *got)
{
	dprintf(STDERR_FILENO, "kit: %s: %s\n", what, got ? got : "missing");
	_exit(2);
}

static uint64_t decimal_env(const char *name, uint64_t max)
{
	const char *text = getenv(name);
	unsigned long long value;
	char *end;

	if (!text || *text < '0' || *text > '9')
		wrong(name, text);
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end || value > max)
		wrong(name, text);
	return value;
}

static const char *known_shape(const char *name, const char *const shapes[])
{
	for (size_t i = 0; name && shapes[i]; i++) {
		if (!strcmp(name, shapes[i]))
			return shapes[i];
	}
	wrong("--shape", name);
}

void kit_begin(struct kit *kit, int argc, char **argv, const char *const shapes[])
{
	memset(kit, 0, sizeof(*kit));
	kit->shape = shapes[0];
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--shape"))
			kit->shape = known_shape(argv[++i], shapes);
		else if (!strcmp(argv[i], "--honest"))
			kit->honest = true;
		else
			wrong("unknown word", argv[i]);
	}
	kit->seed = decimal_env("PF_SEED", UINT64_MAX);
	kit->trials = (unsigned)decimal_env("PF_TRIALS", TRIALS_MAX);
	kit->state = kit->seed;
	kit->exec_errno = kit_shared(sizeof(*kit->exec_errno));
}

bool kit_shape_is(const struct kit *kit, const char *shape)
{
	return !strcmp(kit->shape, shape);
}

/* splitmix64 */
uint64_t kit_random(struct kit *kit)
{
	uint64_t z = kit->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

uint64_t kit_below(struct kit *kit, uint64_t limit)
{
	return kit_random(kit) % limit;
}

void kit_event(struct jsonl *j, unsigned n, const char *event)
{
	jsonl_begin(j, event);
	jsonl_int(j, "pid", getpid());
	jsonl_int(j, "n", n);
}

void kit_send(struct jsonl *j)
{
	int err = jsonl_send(j, KIT_REPORT_FD);

	if (err) {
		errno = -err;
		broken("report");
	}
}

void kit_milestone(unsigned n, const char *name)
{
	struct jsonl j;
	ssize_t got;
	char byte;

	kit_event(&j, n, name);
	kit_send(&j);
	do {
		got = read(KIT_MILESTONE_FD, &byte, 1);
	} while (got < 0 && errno == EINTR);
	if (got != 1)
		broken("milestone");
}

void *kit_shared(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		broken("mmap");
	return memory;
}

pid_t kit_fork(struct kit *kit)
{
	pid_t pid;

	*kit->exec_errno = 0;
	pid = fork();
	if (pid < 0)
		broken("fork");
	return pid;
}

_Noreturn void kit_exec_witness(struct kit *kit, char *argv1, unsigned n)
{
	char number[12];
	char *argv[] = { "witness", argv1, number, NULL };
	char *envp[] = { NULL };

	snprintf(number, sizeof(number), "%u", n);
	execve(KIT_WITNESS, argv, envp);
	*kit->exec_errno = errno;
	_exit(KIT_EXEC_FAILED);
}

/* Half as late again after a refusal, a quarter earlier after an exec: it swings about the judgement. */
static void take_aim(struct kit *kit, bool ran)
{
	if (*kit->exec_errno && kit->aim_ns < AIM_MAX_NS)
		kit->aim_ns += kit->aim_ns / 2;
	else if (ran)
		kit->aim_ns -= kit->aim_ns / 4;
}

static const char *word_for(int status, int exec_errno)
{
	if (WIFSIGNALED(status))
		return "killed";
	if (exec_errno)
		return "refused";
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "ran" : "broken";
}

bool kit_outcome(struct kit *kit, pid_t victim, unsigned n, const char *event)
{
	const char *outcome;
	struct jsonl j;
	int status;
	pid_t got;

	do {
		got = waitpid(victim, &status, 0);
	} while (got < 0 && errno == EINTR);
	if (got != victim)
		broken("waitpid");
	outcome = word_for(status, *kit->exec_errno);
	kit_event(&j, n, event);
	jsonl_str(&j, "outcome", outcome, strlen(outcome));
	jsonl_int(&j, "errno", *kit->exec_errno);
	kit_send(&j);
	if (n > 0)
		take_aim(kit, !strcmp(outcome, "ran"));
	return !strcmp(outcome, "ran");
}

bool kit_probe(struct kit *kit)
{
	char evil[] = "EVIL";
	pid_t victim = kit_fork(kit);

	if (victim == 0)
		kit_exec_witness(kit, evil, 0);
	kit_outcome(kit, victim, 0, "probe");
	return *kit->exec_errno != 0;
}

static _Noreturn void exec_silently(struct kit *kit)
{
	char good[] = "GOOD";
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null < 0 || dup2(null, KIT_REPORT_FD) < 0)
		broken("/dev/null");
	kit_exec_witness(kit, good, 0);
}

void kit_warm_up(struct kit *kit)
{
	for (int i = 0; i < WARM_UPS; i++) {
		uint64_t start_ns = jsonl_now();
		pid_t pid = kit_fork(kit);

		if (pid == 0)
			exec_silently(kit);
		/* How it ended says nothing yet: the trials do. */
		if (waitpid(pid, NULL, 0) != pid)
			broken("waitpid");
		kit->pace_ns = (jsonl_now() - start_ns) / 16 + 1;
	}
	kit->aim_ns = kit->pace_ns;
}

void kit_demote(void)
{
	const struct sched_param none = { 0 };

	if (sched_setscheduler(0, SCHED_IDLE, &none))
		broken("SCHED_IDLE");
}

void kit_sleep_ns(uint64_t ns)
{
	struct timespec left = { .tv_sec = (time_t)(ns / 1000000000u),
				 .tv_nsec = (long)(ns % 1000000000u) };
	int err;

	do {
		err = clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left);
	} while (err == EINTR);
	if (err) {
		errno = err;
		broken("clock_nanosleep");
	}
}

void kit_writer_init(struct kit *kit, struct kit_writer *writer, char *word, bool continuous)
{
	/* Within a quarter of where it is aimed at. */
	uint64_t from_ns = kit->aim_ns - kit->aim_ns / 4;

	*writer = (struct kit_writer){ .word = word };
	writer->first_ns = from_ns + kit_below(kit, kit->aim_ns / 2 + 1);
	if (continuous) {
		writer->lead_ns = 2 * kit->pace_ns + kit_below(kit, 2 * kit->pace_ns);
		writer->every_ns = kit->pace_ns / 2 + kit_below(kit, kit->pace_ns);
	}
	if (!kit->honest)
		writer->writes = continuous ? WRITES_MAX : 1;
	if (pipe2(writer->go, O_CLOEXEC))
		broken("pipe2");
}

static void write_word(char *word, const char *value)
{
	uint32_t bytes;

	memcpy(&bytes, value, sizeof(bytes));
	__atomic_store_n((uint32_t *)(void *)word, bytes, __ATOMIC_SEQ_CST);
}

void kit_writer_run(const struct kit_writer *writer)
{
	char byte;
	ssize_t got;

	/* The kernel may round a sleep up by this much; the default, 50 us, would blur the seed. */
	if (prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0))
		broken("timer slack");
	do {
		got = read(writer->go[0], &byte, 1);
	} while (got < 0 && errno == EINTR);
	if (got != 1)
		broken("start signal");
	for (unsigned i = 0; i < writer->writes; i++) {
		kit_sleep_ns(i ? writer->every_ns : writer->first_ns);
		write_word(writer->word, i % 2 ? "GOOD" : "EVIL");
	}
}

void kit_writer_start(const struct kit_writer *writer)
{
	if (write(writer->go[1], "g", 1) != 1)
		broken("start signal");
	if (writer->lead_ns)
		kit_sleep_ns(writer->lead_ns);
}

void kit_writer_close(const struct kit_writer *writer)
{
	close(writer->go[0]);
	close(writer->go[1]);
}

pid_t kit_peer_start(struct kit *kit, const struct kit_writer *writer)
{
	pid_t peer = kit_fork(kit);

	if (peer != 0)
		return peer;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		broken("parent death signal");
	kit_writer_run(writer);
	_exit(0);
}

void kit_peer_stop(pid_t peer, const struct kit_writer *writer)
{
	kit_writer_close(writer);
	if (kill(peer, SIGKILL) || waitpid(peer, NULL, 0) != peer)
		broken("stop peer");
}
