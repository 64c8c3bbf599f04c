// SPDX-License-Identifier: Apache-2.0
/* Processes that exec the witness: how they are made, and what becomes of them. */
#include "kit.h"
#include "broken.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define WARM_UPS   3
#define AIM_MAX_NS 1000000000u

void *kit_shared(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		kit_broken("mmap");
	return memory;
}

pid_t kit_fork(struct kit *kit)
{
	pid_t pid;

	*kit->exec_errno = 0;
	pid = fork();
	if (pid < 0)
		kit_broken("fork");
	return pid;
}

_Noreturn void kit_exec_witness(struct kit *kit, char *argv1, unsigned n)
{
	char number[12];
	char *argv[] = { "witness", argv1, number, NULL };

	snprintf(number, sizeof(number), "%u", n);
	kit_exec(kit, KIT_WITNESS, argv);
}

_Noreturn void kit_exec(struct kit *kit, const char *path, char *const argv[])
{
	char *envp[] = { NULL };

	execve(path, argv, envp);
	*kit->exec_errno = errno;
	_exit(KIT_EXEC_FAILED);
}

void kit_aim(struct kit *kit, uint64_t ns)
{
	kit->aim_ns = ns;
	kit->step_ns = 0;
}

/*
 * Later after a refusal, earlier after an exec. A turn halves the step, so that the aim ends at the
 * judgement; two of a kind make it longer again, because the judgement may have moved.
 */
static void take_aim(struct kit *kit, bool ran, bool late)
{
	uint64_t least = kit->aim_ns / 32 + 1, most = kit->aim_ns / 2;
	uint64_t step = kit->step_ns;

	if (!late && !ran)
		return;
	if (!step)
		step = most;
	else if (late != kit->later)
		step /= 2;
	else
		step += step / 2;
	step = step > most ? most : step;
	step = step < least ? least : step;
	kit->step_ns = step;
	kit->later = late;
	if (!late)
		kit->aim_ns -= step < kit->aim_ns ? step : 0;
	else if (kit->aim_ns < AIM_MAX_NS)
		kit->aim_ns += step;
}

/* The errno alone would not do: where many exec at once it may be another victim's. */
static const char *word_for(int status, int exec_errno)
{
	if (WIFSIGNALED(status))
		return "killed";
	if (WEXITSTATUS(status) == 0)
		return "ran";
	return WEXITSTATUS(status) == KIT_EXEC_FAILED && exec_errno ? "refused" : "broken";
}

void kit_tell(const struct kit *kit, unsigned n, const char *event, const char *outcome)
{
	struct jsonl j;

	kit_event(&j, n, event);
	jsonl_str(&j, "outcome", outcome, strlen(outcome));
	jsonl_int(&j, "errno", strcmp(outcome, "refused") ? 0 : *kit->exec_errno);
	kit_send(&j);
}

bool kit_outcome(struct kit *kit, pid_t victim, unsigned n, const char *event)
{
	const char *outcome;
	bool ran, refused;
	int status;
	pid_t got;

	do {
		got = waitpid(victim, &status, 0);
	} while (got < 0 && errno == EINTR);
	if (got != victim)
		kit_broken("waitpid");
	outcome = word_for(status, *kit->exec_errno);
	ran = !strcmp(outcome, "ran");
	refused = !strcmp(outcome, "refused");
	kit_tell(kit, n, event, outcome);
	if (n > 0 && kit->races)
		take_aim(kit, ran, refused);
	kit->races = false;
	return ran;
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
		kit_broken("/dev/null");
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
			kit_broken("waitpid");
		kit->pace_ns = (jsonl_now() - start_ns) / 16 + 1;
	}
	kit_aim(kit, kit->pace_ns);
}
