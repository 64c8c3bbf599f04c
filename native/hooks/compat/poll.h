/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PF_COMPAT_POLL_H
#define PF_COMPAT_POLL_H

#include <linux/poll.h>
#include <linux/version.h>

/* 01699437758f and a9a08845e9ac, first in 4.16, gave poll results a type and names of their own. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(4, 16, 0)
typedef __poll_t pf_poll_t;
#define PF_POLL_READABLE (EPOLLIN | EPOLLRDNORM)
#define PF_POLL_ERROR	 EPOLLERR
#else
typedef unsigned int pf_poll_t;
#define PF_POLL_READABLE (POLLIN | POLLRDNORM)
#define PF_POLL_ERROR	 POLLERR
#endif

#endif
