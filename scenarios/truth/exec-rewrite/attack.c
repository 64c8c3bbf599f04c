// SPDX-License-Identifier: Apache-2.0
/*
 * Threat:  who is told of an execve(2) and then reads argv says what the caller's memory holds by now, not
 *          what the new image was started with.
 * Steps:   a child that shares the victim's memory executes the witness with GOOD or EVIL, and the victim, or a
 *          thread of it, writes the other word. Some argv and some paths are longer than a record.
 * Success: what is said of the exec is not the argv that the witness says it got; or something else of path
 *          and argv is not told as it was, as far as a record goes and with the word that there is more.
 * Source:  strace and other tracers; the classic check and use.
 */
#include "broken.h"
#include "watch.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS	  3
#define ARGV_LONG 400
#define DOTS	  (PF_PATH_MOST / 2)

static char name[] = "witness", number[] = "0";
static _Alignas(4) char word[ARGV_LONG + 1] = "GOOD";
static char path[2 * DOTS + sizeof(KIT_WITNESS)] = KIT_WITNESS;
static char *const argv_of[WORDS + 1] = { name, word, number, NULL };
static bool is_long;
static unsigned execs; /* the victim's go on from those of the victims before it */

/* Of three execs one is long in its argv, one in its path, one in both. */
static void choose(void)
{
	bool long_argv = is_long && execs % 3 != 1, long_path = is_long && execs % 3 != 0;
	char *at = path;

	memset(word + 4, long_argv ? 'x' : 0, ARGV_LONG - 4);
	for (int i = 0; long_path && i < DOTS; i++, at += 2)
		memcpy(at, "/.", 2);
	strcpy(at, KIT_WITNESS);
}

static void lengthen(void)
{
	is_long = true;
}

static void put(const char *value)
{
	kit_store(word, value);
}

/* All that the witness says, up to its end. */
static const char *read_report(int from)
{
	static char report[2048];
	size_t size = 0;
	ssize_t n;

	while ((n = read(from, report + size, sizeof(report) - 1 - size)) > 0)
		size += (size_t)n;
	report[size] = '\0';
	if (n < 0 || close(from))
		kit_broken("report");
	return report;
}

/* The word in it; around it there has to be what was asked for. */
static const char *word_in(const char *report)
{
	static const char key[] = "\"argv1\":\"";
	const char *at = strstr(report, key);

	if (!at || strncmp(at + sizeof(key) - 1 + 4, word + 4, strlen(word) - 4) ||
	    at[sizeof(key) - 1 + strlen(word)] != '"')
		kit_broken("witness");
	return at + sizeof(key) - 1;
}

static const char *act(void)
{
	char *const none[] = { NULL };
	int ends[2], status;
	const char *report;
	pid_t pid;

	choose();
	execs++;
	if (pipe2(ends, O_CLOEXEC))
		kit_broken("pipe");
	pid = vfork();
	if (pid == 0) {
		if (dup2(ends[1], KIT_REPORT_FD) == KIT_REPORT_FD)
			execve(path, argv_of, none);
		_exit(KIT_BROKEN);
	}
	if (close(ends[1]))
		kit_broken("pipe");
	report = read_report(ends[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		kit_broken("exec");
	return word_in(report);
}

/* The strings as they lie behind the new stack, of which a record has the beginning. */
static size_t join(char *to)
{
	size_t size = 0;

	for (int i = 0; i < WORDS; i++) {
		size_t length = strlen(argv_of[i]) + 1;

		memcpy(to + size, argv_of[i], length);
		size += length;
	}
	return size;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static const char *told(const struct pf_record *record)
{
	const struct pf_exec_event *e = (const void *)record;
	static char joined[sizeof(name) + sizeof(word) + sizeof(number)];
	size_t path_size, argv_size, path_whole, argv_whole;
	const char *said;

	choose();
	argv_whole = join(joined);
	path_whole = strlen(path);
	path_size = least(path_whole, PF_PATH_MOST);
	argv_size = least(argv_whole, PF_ARGV_MOST);
	said = (const char *)e->data + path_size + sizeof(name);
	if (e->path_bytes != path_size || e->argv_bytes != argv_size ||
	    e->event.view.args[0] != WORDS ||
	    record->flags != (path_size < path_whole || argv_size < argv_whole ? PF_TRUNCATED : 0))
		return NULL;
	memcpy(joined + sizeof(name), said, 4); /* which is what is asked about */
	return memcmp(e->data, path, path_size) || memcmp(e->data + path_size, joined, argv_size)
		       ? NULL
		       : said;
}

/* The vector is the same at all times; the word that it leads to lies in the victim where it lies here. */
static const char *found(pid_t victim, uint64_t address)
{
	return address == (uintptr_t)argv_of ? watch_read(victim, (uintptr_t)word, 0) : NULL;
}

static void after(void)
{
	execs++;
}

int main(int argc, char **argv)
{
	static const struct watch watch = {
		.kind = PF_EXEC,
		.comm = "witness",
		.number = SYS_execve,
		.argument = 1,
		.others = true,
		.lengthen = lengthen,
		.put = put,
		.act = act,
		.told = told,
		.found = found,
		.after = after,
	};

	return watch_run(argc, argv, &watch);
}
