// SPDX-License-Identifier: Apache-2.0
#include "truth_device.h"
#include "frame.h"
#include "truth.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define DEVICE "/dev/photofinish"

int truth_device_open(void)
{
	int fd = open(DEVICE, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* The device hands out whole records only, so what does not decode is a fault of the module. */
static void send_records(const uint8_t *bytes, size_t n)
{
	while (n) {
		struct truth_event event;
		struct jsonl j;
		int used = truth_decode(bytes, n, &event);

		if (used <= 0) {
			frame_error("decode", DEVICE, used);
			return;
		}
		if (!truth_json(&event, &j) && !jsonl_end(&j))
			frame_send("hooks", j.buf, j.len - 1);
		bytes += used;
		n -= (size_t)used;
	}
}

void truth_device_drain(int fd)
{
	uint8_t bytes[8 * TRUTH_RECORD_MAX];
	ssize_t got;

	while ((got = read(fd, bytes, sizeof(bytes))) > 0)
		send_records(bytes, (size_t)got);
	if (got < 0 && errno != EAGAIN && errno != EINTR)
		frame_error("read", DEVICE, -errno);
}
