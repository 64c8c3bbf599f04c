/* SPDX-License-Identifier: Apache-2.0 */
/* A session with the hook module (hooks/photofinish_uapi.h): its rings, mapped, and its hooks. */
#ifndef PF_LIB_HOOKS_H
#define PF_LIB_HOOKS_H

#include "photofinish_uapi.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOOKS_CPUS_MOST 64

struct hooks {
	int fd; /* readable when there are records; -1: not open */
	struct pf_info info;
	uint32_t data_bytes, stride, page;
	uint8_t *area;
	uint32_t told; /* drops that records told of, modulo 2^32 */
	/* Of the look that is under way: it is over at `ends`, and reads up to `heads` until then. */
	uint32_t ends[HOOKS_CPUS_MOST], heads[HOOKS_CPUS_MOST], at[HOOKS_CPUS_MOST];
	int cpu;	  /* whose record was given out last; -1: none */
	char reason[112]; /* why the last hook was not added; empty: nothing was said */
};

/* 0 or -errno (-EPROTO: another version of the module; -E2BIG: more CPUs than HOOKS_CPUS_MOST). */
int hooks_open(struct hooks *h, uint32_t data_bytes);
void hooks_close(struct hooks *h);

/* A hook that takes everything of this kind, recorded; for the caller to narrow. */
struct pf_hook hooks_all(enum pf_kind kind);
/* Its number from 1 on, or -errno; then `reason` may say why. */
int hooks_add(struct hooks *h, const struct pf_hook *hook);
int hooks_remove(struct hooks *h, int id);
int hooks_counts(struct hooks *h, int id, struct pf_counts *out);

/*
 * What a lever does for its n-th match, from 0 on: whether it is pulled at all, and for PF_DO_HOLD for how
 * long, which is as the module draws it (hooks/levers.c): from the n-th number of splitmix64.
 */
bool hooks_draw(const struct pf_hook *hook, uint32_t n, uint64_t *hold_ns);

/*
 * The oldest record there is, of those that were there when the look began, which is with the first
 * call; NULL: that was all. It is good until the next call. Records of a look are in the order of their
 * times. From look to look they are so for each CPU, and what made another come is never told after it.
 * What a ring says is checked before it is believed: -EBADMSG in *err, and the session is of no use
 * any more.
 */
const struct pf_record *hooks_next(struct hooks *h, int *err);
/* Records that were dropped and of which no record has told yet. */
uint32_t hooks_untold(const struct hooks *h);

#endif
