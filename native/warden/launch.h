/* SPDX-License-Identifier: Apache-2.0 */
/* A child under a filter, held at a gate; its listener, if it has one, comes over to us. */
#ifndef PF_LAUNCH_H
#define PF_LAUNCH_H

#include "filter.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

/* What the child does behind the gate; it does not return. */
typedef void (*launch_body)(void *context);

struct launched {
	pid_t pid;
	int listener_fd; /* -1 unless the filter asks by notification */
	int gate_fd;	 /* one byte opens it, closing it ends the child */
	bool killable;	 /* SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV is on */
};

struct launch_error {
	const char *step;
	int error;
};

int launch(const struct filter *filter, launch_body body, void *context, struct launched *out,
	   struct launch_error *error);
int launch_open_gate(struct launched *l);

#endif
