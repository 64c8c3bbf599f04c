// SPDX-License-Identifier: Apache-2.0
#include "checks.h"
#include "frame.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

#define DEBUGFS	 "/sys/kernel/debug"
#define KMEMLEAK DEBUGFS "/kmemleak"
#define TAINTED	 "/proc/sys/kernel/tainted"
#define LOCKDEP	 "/proc/lockdep_stats"

/* Documentation/admin-guide/tainted-kernels.rst: a bad page (KASAN says so too), a dead task, a
 * warning. */
#define TAINT_SPLAT (1ul << 5 | 1ul << 7 | 1ul << 9)

/* Beyond the age from which on the kernels of the catalogue tell of an object (mm/kmemleak.c). */
#define AGE_NS 200000000
/* In the first scan after its allocation an object always passes for one that was changed. */
#define SCANS 2

#define REPORT_MAX  (64 * 1024)
#define FRAMES_TOLD 6

static unsigned long told_taint;

bool checks_wanted(void)
{
	return getenv("PF_CHECKS") != NULL;
}

/* Returns how many bytes there were, or -errno; @out ends in a NUL. */
static ssize_t read_whole(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;
	size_t n = 0;
	ssize_t got;

	if (fd < 0)
		return -errno;
	while ((got = read(fd, out + n, size - 1 - n)) > 0)
		n += (size_t)got;
	err = got < 0 ? -errno : 0;
	close(fd);
	out[n] = 0;
	return err ? err : (ssize_t)n;
}

static int tell_kmemleak(const char *word)
{
	int fd = open(KMEMLEAK, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, word, strlen(word)) < 0)
		err = -errno;
	close(fd);
	return err;
}

/* It turns itself off at its first report, and when one of its tables is full. */
static int lockdep_works(void)
{
	static char stats[8192];
	ssize_t n = read_whole(LOCKDEP, stats, sizeof(stats));
	const char *at = n < 0 ? NULL : strstr(stats, "debug_locks:");

	if (n < 0)
		return (int)n;
	return at && strtoul(at + strlen("debug_locks:"), NULL, 10) == 1 ? 0 : -ENOLCK;
}

int checks_open(const char **what)
{
	int err;

	*what = DEBUGFS;
	if (mount("debugfs", DEBUGFS, "debugfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
		return -errno;
	*what = LOCKDEP;
	err = lockdep_works();
	if (err)
		return err;
	*what = KMEMLEAK;
	/* Scans are ours. */
	return tell_kmemleak("scan=off");
}

static unsigned report_taint(void)
{
	char text[32];
	unsigned long taint, news;
	ssize_t n = read_whole(TAINTED, text, sizeof(text));

	if (n < 0) {
		frame_error("checks", TAINTED, (int)n);
		return 1;
	}
	taint = strtoul(text, NULL, 10) & TAINT_SPLAT;
	news = taint & ~told_taint;
	told_taint |= taint;
	if (!news)
		return 0;
	snprintf(text, sizeof(text), "the kernel is tainted: %lu", news);
	frame_error("splat", text, 0);
	return 1;
}

static void append(char *out, size_t size, size_t *at, const char *format, ...)
{
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(out + *at, size - *at, format, arguments);
	va_end(arguments);
	if (n > 0)
		*at = *at + (size_t)n < size ? *at + (size_t)n : size - 1;
}

/* Of a line of a backtrace, `    [<address>] function+0x10/0x20 [module]` with or without the
 * address. */
static void append_frame(char *out, size_t size, size_t *at, const char *line, size_t n)
{
	const char *end = line + n, *name = memchr(line, ']', n);

	name = name && line[strspn(line, " ")] == '[' ? name + 1 : line;
	while (name < end && *name == ' ')
		name++;
	append(out, size, at, " < %.*s", (int)(end - name), name);
}

unsigned checks_summary(const char *report, char *out, size_t size)
{
	static const char object[] = "unreferenced object";
	unsigned leaks = 0, frames = 0;
	bool in_backtrace = false;
	size_t at = 0;

	out[0] = 0;
	for (const char *line = report; *line;) {
		size_t n = strcspn(line, "\n");

		if (!strncmp(line, object, sizeof(object) - 1)) {
			in_backtrace = false;
			if (!leaks++)
				append(out, size, &at, "%.*s", (int)n, line);
		} else if (leaks == 1 && !strncmp(line, "  comm ", 7)) {
			append(out, size, &at, "%.*s", (int)(n - 1), line + 1);
		} else if (leaks == 1 && !strncmp(line, "  backtrace", 11)) {
			in_backtrace = true;
		} else if (in_backtrace && frames < FRAMES_TOLD) {
			frames++;
			append_frame(out, size, &at, line, n);
		}
		line += n + (line[n] == '\n');
	}
	return leaks;
}

/* The kernel's own words, for the console's log. */
static void show(const char *report)
{
	while (*report) {
		size_t n = strcspn(report, "\n");

		frame_console_text(report, n);
		report += n + (report[n] == '\n');
	}
}

static unsigned report_leaks(void)
{
	static char report[REPORT_MAX];
	const struct timespec age = { .tv_nsec = AGE_NS };
	char summary[480], subject[512];
	unsigned leaks;
	ssize_t n;
	int err = 0;

	nanosleep(&age, NULL);
	for (int i = 0; i < SCANS && !err; i++)
		err = tell_kmemleak("scan");
	n = err ? err : read_whole(KMEMLEAK, report, sizeof(report));
	if (n < 0) {
		frame_error("checks", KMEMLEAK, (int)n);
		return 1;
	}
	leaks = checks_summary(report, summary, sizeof(summary));
	if (!leaks)
		return 0;
	show(report);
	snprintf(subject, sizeof(subject), "kmemleak: %u leaked: %s", leaks, summary);
	frame_error("splat", subject, 0);
	/* So that the next job is not told of them again. */
	err = tell_kmemleak("clear");
	if (err)
		frame_error("checks", KMEMLEAK, err);
	return leaks;
}

unsigned checks_report(bool leaks)
{
	return report_taint() + (leaks ? report_leaks() : 0);
}
