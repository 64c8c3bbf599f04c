/* SPDX-License-Identifier: Apache-2.0 */
/* What user notification can say besides yes and no: a result, and a file. */
#ifndef PF_DEEP_ANSWER_H
#define PF_DEEP_ANSWER_H

#include "../warden.h"

/* The call has come to this end: a result from 0, or -errno. 0, -ENOENT when it is gone, -errno. */
int answer_result(struct warden *w, const struct held *call, long result);
/* The call has opened `fd`, which the caller gets under a number of its own. Closes fd. */
int answer_file(struct warden *w, const struct held *call, int fd, bool cloexec);
/* A copy of the caller's fd, for what only its own file can do; -errno. */
int take_file(const struct held *call, pid_t tgid, int fd);

#endif
