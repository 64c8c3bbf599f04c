/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that make, remove or change files by name, for profiles: backend trace alone, which holds
 * everybody still while the kernel does what was judged.
 */
#ifndef PF_DEEP_FILES_H
#define PF_DEEP_FILES_H

#include "../warden.h"

bool files_takes(int number);
void files_asked(struct warden *w, const struct held *held, pid_t tgid);

#endif
