/* SPDX-License-Identifier: Apache-2.0 */
/* Behind the answer: an approved exec is watched until the new image can be compared. */
#ifndef PF_VERIFY_H
#define PF_VERIFY_H

#include "args.h"
#include "image.h"
#include "warden.h"

struct approval {
	pid_t tid, tgid;
	bool known; /* image is: the file could be opened */
	struct image image;
	const struct args *envp; /* NULL where the policy does not ask for it */
	struct args argv;	 /* of the new image, interpreters included */
};

/*
 * The caller is traced and its exec was just let go, with everybody else frozen. Returns when it
 * has happened, failed or died; the caller is stopped then, dead, or held in its next call.
 */
void verify_follow(struct warden *w, const struct approval *a);
/* Likewise, with nobody frozen and nothing to compare. The caller goes on by itself afterwards. */
void verify_await(struct warden *w, pid_t tid, pid_t tgid);

#endif
