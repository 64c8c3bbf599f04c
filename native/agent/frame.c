// SPDX-License-Identifier: Apache-2.0
#include "frame.h"
#include "crc32.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static int console_fd = -1;
static uint64_t next_seq;
static struct termios as_found, raw;

size_t frame_render(char out[FRAME_MAX], uint64_t seq, const char *from, const char *payload,
		    size_t n)
{
	int header;

	if (n > JSONL_MAX)
		return 0;
	header = snprintf(out, FRAME_HEADER_MAX, "~PF1 %" PRIu64 " %s %zu %08" PRIx32 " ", seq,
			  from, n, crc32_of(payload, n));
	if (header < 0 || header >= FRAME_HEADER_MAX)
		return 0;
	memcpy(out + header, payload, n);
	return (size_t)header + n;
}

int frame_open(const char *console)
{
	console_fd = open(console, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (console_fd < 0)
		return -errno;
	if (tcgetattr(console_fd, &as_found))
		return -errno;
	raw = as_found;
	cfmakeraw(&raw);
	return tcsetattr(console_fd, TCSANOW, &raw) ? -errno : 0;
}

static void become(const struct termios *tio)
{
	if (tcsetattr(console_fd, TCSADRAIN, tio))
		frame_error("console", "mode", -errno);
}

void frame_lend(void)
{
	become(&as_found);
}

void frame_take_back(void)
{
	become(&raw);
}

static void write_all(const char *bytes, size_t n)
{
	while (n) {
		ssize_t written = write(console_fd, bytes, n);

		if (written < 0 && errno != EINTR)
			return;
		if (written > 0) {
			bytes += written;
			n -= (size_t)written;
		}
	}
}

int frame_drain(void)
{
	return tcdrain(console_fd) ? -errno : 0;
}

void frame_send(const char *from, const char *payload, size_t n)
{
	/* The newline in front ends whatever the kernel or a program left on the line. */
	char line[1 + FRAME_MAX + 1];
	size_t rendered = frame_render(line + 1, next_seq, from, payload, n);

	if (!rendered)
		return;
	next_seq++;
	line[0] = '\n';
	line[1 + rendered] = '\n';
	write_all(line, rendered + 2);
}

void frame_console_text(const char *bytes, size_t n)
{
	char line[2 + JSONL_MAX + 1] = "| ";

	if (n > JSONL_MAX)
		n = JSONL_MAX;
	memcpy(line + 2, bytes, n);
	line[2 + n] = '\n';
	write_all(line, n + 3);
}

void frame_event(struct jsonl *j)
{
	if (!jsonl_end(j))
		frame_send("agent", j->buf, j->len - 1);
}

void frame_error(const char *step, const char *subject, int err)
{
	struct jsonl j;

	jsonl_begin(&j, "error");
	jsonl_str(&j, "step", step, strlen(step));
	jsonl_int(&j, "errno", -err);
	jsonl_str(&j, "subject", subject, strlen(subject));
	frame_event(&j);
}

static bool printable(const char *line, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (line[i] < 0x20 || line[i] > 0x7e)
			return false;
	}
	return n > 0;
}

void lines_feed(struct lines *l, const char *bytes, size_t n,
		void (*sink)(void *context, const char *line, size_t n), void *context)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\n') {
			if (!l->skipping && printable(l->buf, l->len))
				sink(context, l->buf, l->len);
			else
				l->lost++;
			l->len = 0;
			l->skipping = false;
		} else if (l->len == sizeof(l->buf)) {
			l->skipping = true;
		} else {
			l->buf[l->len++] = bytes[i];
		}
	}
}
