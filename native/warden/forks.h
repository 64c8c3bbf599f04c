/* SPDX-License-Identifier: Apache-2.0 */
/* New processes: registered before their first instruction. */
#ifndef PF_FORKS_H
#define PF_FORKS_H

#include "warden.h"

/*
 * Registers a process and says so; one that is known or gone already is fine. Its parent, if 0, is
 * looked up. 0 or -errno.
 */
int forks_register(struct warden *w, pid_t pid, pid_t ppid, const char *how);
/* A process that is dead. */
void forks_forget(struct warden *w, struct process *p);
/* A task asks to make a process. Waits only at the limit of processes. */
void forks_asked(struct warden *w, const struct held *call, pid_t tgid);
/* A task stopped at a PTRACE_EVENT_{FORK,VFORK,CLONE}. False: it was killed there, and told of nobody. */
bool forks_born(struct warden *w, pid_t parent, int event);
/*
 * Children whose parents' events will not come are taken in by what can be seen of them: all that have waited
 * for as long as this.
 */
void forks_adopt_newborns(struct warden *w, uint64_t waited_ns);
bool forks_has_newborns(const struct warden *w);

#endif
