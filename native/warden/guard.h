/* SPDX-License-Identifier: Apache-2.0 */
/* The exec guard: judges an exec and sees to it that what was judged is what runs. */
#ifndef PF_GUARD_H
#define PF_GUARD_H

#include "warden.h"

void guard_asked(struct warden *w, const struct held *held, pid_t tgid);

#endif
