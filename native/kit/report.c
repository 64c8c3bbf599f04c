// SPDX-License-Identifier: Apache-2.0
/* What an attack says, and the milestones that it waits for. */
#include "kit.h"
#include "broken.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* _exit: also used between fork and exec, where nobody else's buffers may be flushed. */
_Noreturn void kit_broken(const char *step)
{
	char line[128];
	ssize_t put;

	snprintf(line, sizeof(line), "kit: %s: %s\n", step, strerror(errno));
	/* Not by dprintf(), which gives up where a hook changes the error of its lseek(2). */
	do {
		put = write(STDERR_FILENO, line, strlen(line));
	} while (put < 0 && errno == EINTR);
	_exit(KIT_BROKEN);
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
		kit_broken("report");
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
		kit_broken("milestone");
}
