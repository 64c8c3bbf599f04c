/* SPDX-License-Identifier: Apache-2.0 */
/* What this kernel offers, found out by trying. */
#ifndef PF_PROBE_H
#define PF_PROBE_H

#include <stdbool.h>

struct probe {
	bool user_notification; /* SECCOMP_RET_USER_NOTIF with a listener */
	bool continue_answer;	/* SECCOMP_USER_NOTIF_FLAG_CONTINUE */
	bool killable_wait;	/* SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV */
	bool restart;		/* who waits for an answer goes on waiting after a signal */
	bool addfd;		/* SECCOMP_IOCTL_NOTIF_ADDFD */
	bool addfd_send;	/* SECCOMP_ADDFD_FLAG_SEND */
	bool pidfd;
	bool pidfd_getfd;
	bool clone3, openat2;
	int landlock;	    /* its ABI; 0: none */
	bool trace;	    /* a child may be seized */
	bool seccomp_trace; /* SECCOMP_RET_TRACE asks, and a call can be refused there */
	bool seccomp_last;  /* a filter sees a call after its tracer did, who could change it */
	bool memory;	    /* a child's memory may be read */
	int yama;	    /* ptrace_scope; -1: no Yama */
};

void probe_run(struct probe *out);
/* Whether backend notify can be used, asked without the rest. */
bool probe_notify_works(void);
/* One JSON line on fd. 0 or -errno. */
int probe_send(const struct probe *p, int fd);

#endif
