/* SPDX-License-Identifier: Apache-2.0 */
/* Records of the hook module (hooks/photofinish_uapi.h), worded as events. */
#ifndef PF_TRUTH_H
#define PF_TRUTH_H

#include "jsonl.h"

#include "photofinish_uapi.h"

/*
 * Begins a line with the record as the runner knows it (runner/src/lib/events.ts) and its own time;
 * the caller ends or sends it. `hook` is how the runner knows the hook it is of, or TRUTH_OWN.
 * Every record fits. 0; -ENOTSUP for one that has no wording; -EBADMSG when it does not agree with
 * itself. The record is as long as it says.
 */
#define TRUTH_OWN (-1)
int truth_json(const struct pf_record *record, int hook, struct jsonl *j);
/* So many records are missing before this time. */
void truth_dropped(uint64_t count, uint64_t t_ns, struct jsonl *j);

#endif
