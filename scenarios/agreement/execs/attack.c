// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  what one backend stops the other lets through, or does in another way.
 * Steps:   per trial one exec that the seed alone makes up: by which kind of process, of which file,
 *          with which argv and envp, good or bad; sometimes as many forks as there may be. Some
 *          execs are raced by a thread that writes EVIL.
 * Success: what came of it is not the same under both backends: what ran, with which argv, the
 *          errno, or how the process ended. Of a race only whether EVIL ran is told.
 */
#include "any-exec.h"
#include "broken.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CROWD_MOST = 40, TOLD_MOST = 160 };

static const char *const shapes[] = { "plain", NULL };

/* What the victim's witness says of its argv, or nothing. */
static void hear(int from, char *out)
{
	char line[JSONL_MAX + 1];
	ssize_t n = read(from, line, JSONL_MAX);
	const char *at, *end;

	*out = '\0';
	if (n <= 0)
		return;
	line[n] = '\0';
	at = strstr(line, "\"argv1\":");
	end = strrchr(line, '}');
	if (at && end && end > at)
		snprintf(out, TOLD_MOST, "%.*s", (int)(end - at - 8), at + 8);
}

static void swap_reports(int *pipe_ends, int *kept)
{
	if (pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK))
		kit_broken("pipe2");
	*kept = fcntl(KIT_REPORT_FD, F_DUPFD_CLOEXEC, 20);
	if (*kept < 0 || dup2(pipe_ends[1], KIT_REPORT_FD) < 0)
		kit_broken("reports");
	close(pipe_ends[1]);
}

static void swap_back(int kept)
{
	if (dup2(kept, KIT_REPORT_FD) < 0)
		kit_broken("reports");
	close(kept);
}

static int end_of(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, __WALL) != pid)
		kit_broken("waitpid");
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void try_exec(struct kit *kit, unsigned n)
{
	static struct any_exec c;
	char told[TOLD_MOST];
	int reports[2], kept, made = 0, ended = 0;
	struct jsonl j;
	pid_t pid;

	any_exec_choose(kit, &c, n);
	*kit->exec_errno = 0;
	swap_reports(reports, &kept);
	pid = any_exec_make(&c);
	if (pid < 0)
		made = errno;
	else
		ended = end_of(pid);
	swap_back(kept);
	hear(reports[0], told);
	close(reports[0]);
	any_exec_forget(&c);
	kit_event(&j, n, "did");
	jsonl_int(&j, "maker", c.maker);
	jsonl_int(&j, "flags", c.flags);
	jsonl_int(&j, "made", made);
	jsonl_int(&j, "ended", ended);
	jsonl_int(&j, "errno", *kit->exec_errno);
	jsonl_str(&j, "ran", told, strlen(told));
	kit_send(&j);
	kit_tell(kit, n, "trial",
		 made || *kit->exec_errno ? "refused"
		 : ended < 0		  ? "killed"
					  : "ran");
}

/* As many processes as there may be. */
static void try_crowd(struct kit *kit, unsigned n)
{
	pid_t pids[CROWD_MOST];
	unsigned count = 0;
	struct jsonl j;
	int why = 0, gate[2];
	char byte;

	if (pipe2(gate, O_CLOEXEC))
		kit_broken("pipe2");
	while (!why && count < CROWD_MOST) {
		pid_t pid = fork();

		if (pid == 0) {
			close(gate[1]);
			_exit(read(gate[0], &byte, 1) != 0);
		}
		if (pid < 0)
			why = errno;
		else
			pids[count++] = pid;
	}
	close(gate[0]);
	close(gate[1]);
	for (unsigned i = 0; i < count; i++)
		if (end_of(pids[i]))
			kit_broken("crowd");
	*kit->exec_errno = why;
	kit_event(&j, n, "did");
	jsonl_int(&j, "crowd", count);
	jsonl_int(&j, "errno", why);
	kit_send(&j);
	kit_tell(kit, n, "trial", "refused");
}

static void *write_it(void *writer)
{
	kit_writer_run(writer);
	return NULL;
}

static _Noreturn void be_racer(struct kit *kit, struct kit_writer *writer, char *word, char *number)
{
	char *argv[] = { "racer", word, number, NULL };
	pthread_t thread;

	if (pthread_create(&thread, NULL, write_it, writer))
		_exit(KIT_BROKEN);
	kit_demote();
	kit_writer_start(writer);
	kit_exec(kit, KIT_WITNESS, argv);
}

static void try_race(struct kit *kit, unsigned n)
{
	static _Alignas(4) char word[] = "GOOD";
	char number[12], told[TOLD_MOST];
	struct kit_writer writer;
	int reports[2], kept;
	struct jsonl j;
	pid_t pid;

	memcpy(word, "GOOD", 4);
	snprintf(number, sizeof(number), "%u", n);
	kit_writer_init(kit, &writer, word, false);
	kit_writer_unaim(kit, &writer);
	swap_reports(reports, &kept);
	pid = kit_fork(kit);
	if (pid == 0)
		be_racer(kit, &writer, word, number);
	kit_writer_close(&writer);
	swap_back(kept);
	kit_outcome(kit, pid, n, "trial");
	hear(reports[0], told);
	close(reports[0]);
	kit_event(&j, n, "raced");
	jsonl_bool(&j, "evil", strstr(told, "EVIL"));
	kit_send(&j);
}

int main(int argc, char **argv)
{
	struct kit kit;

	kit_begin(&kit, argc, argv, shapes);
	signal(SIGUSR2, SIG_IGN);
	any_exec_set_up();
	kit_warm_up(&kit);
	for (unsigned n = 1; n <= kit.trials; n++) {
		uint64_t kind = kit.honest ? 9 : kit_below(&kit, 10);

		if (kind < 3)
			try_race(&kit, n);
		else if (kind == 3)
			try_crowd(&kit, n);
		else
			try_exec(&kit, n);
	}
	return 0;
}
