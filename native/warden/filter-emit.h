/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions of a seccomp program, put behind those that are there. */
#ifndef PF_FILTER_EMIT_H
#define PF_FILTER_EMIT_H

#include "filter.h"

#define RET_ERRNO(e) (SECCOMP_RET_ERRNO | (SECCOMP_RET_DATA & (e)))

/* The low half of a 64-bit argument. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LOW_HALF 0
#else
#define LOW_HALF 4
#endif

/* There was room for it, or f->overflow is set. */
void emit(struct filter *f, struct sock_filter code);
void load(struct filter *f, size_t offset);
void load_number(struct filter *f);
/* Of an argument, from 0. */
void load_low(struct filter *f, unsigned arg);
void give(struct filter *f, uint32_t action);
void give_unless_equal(struct filter *f, uint32_t value, uint32_t action);
void give_if_set(struct filter *f, uint32_t bits, uint32_t action);
/* Nothing for ARCH_ABSENT. */
void give_if_number(struct filter *f, int number, uint32_t action);

#endif
