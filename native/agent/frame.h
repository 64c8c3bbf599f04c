/* SPDX-License-Identifier: Apache-2.0 */
/* Frames on the serial port (docs/formats.md), and the split of a pipe's bytes into lines for them.
 */
#ifndef PF_FRAME_H
#define PF_FRAME_H

#include "jsonl.h"

#include <stddef.h>
#include <stdint.h>

#define FRAME_HEADER_MAX 64
#define FRAME_MAX	 (FRAME_HEADER_MAX + JSONL_MAX)

/* Renders one frame of a payload without its newline; returns its length, 0 when it cannot be
 * framed. */
size_t frame_render(char out[FRAME_MAX], uint64_t seq, const char *from, const char *payload,
		    size_t n);

/* Opens the console that frames go to and makes it raw. 0 or -errno. */
int frame_open(const char *console);
/* The console as it was before, for a person's shell, until it is taken back; no frame is to be sent meanwhile. */
void frame_lend(void);
void frame_take_back(void);
/* Sends one payload; PID 1 has nobody to tell of a console that fails, so the result is the host's
 * to miss. */
void frame_send(const char *from, const char *payload, size_t n);
/* Waits until all that was sent has left the guest. 0 or -errno. */
int frame_drain(void);
/* Closes and sends an event of the agent's own. */
void frame_event(struct jsonl *j);

/* Shows text of a program on the console, behind a bar that keeps it from ever looking like a
 * frame. */
void frame_console_text(const char *line, size_t n);
/* An `error` event: what was done, to what, and the -errno it gave. */
void frame_error(const char *step, const char *subject, int err);

struct lines {
	const char *from;
	int fd; /* -1 once it is at its end */
	size_t len;
	bool skipping; /* inside a line that is too long */
	unsigned lost;
	char buf[JSONL_MAX];
};

/* Takes bytes in and calls sink for each whole line that is printable ASCII; counts the others. */
void lines_feed(struct lines *l, const char *bytes, size_t n,
		void (*sink)(void *context, const char *line, size_t n), void *context);

#endif
