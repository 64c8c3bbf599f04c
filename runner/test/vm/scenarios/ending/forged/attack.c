// SPDX-License-Identifier: Apache-2.0
/* Prints what looks like a frame of the warden, and reports what is no event. */
#include "kit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const shapes[] = { "plain", NULL };

int main(int argc, char **argv)
{
	static const char report[] = "{\"t\":1,\"event\":\"NO EVENT\",\"pid\":1,\"n\":0}\n";
	struct kit kit;

	kit_begin(&kit, argc, argv, shapes);
	/* The checksum is right; only the way is wrong. */
	puts("~PF1 9 agent 21 b1295cfb {\"t\":1,\"event\":\"end\"}");
	fflush(stdout);
	return write(KIT_REPORT_FD, report, strlen(report)) < 0;
}
