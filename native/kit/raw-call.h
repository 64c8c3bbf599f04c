/* SPDX-License-Identifier: Apache-2.0 */
/* Calls by an instruction of our own: what a C library's wrapper would hide is seen. */
#ifndef PF_KIT_RAW_CALL_H
#define PF_KIT_RAW_CALL_H

/*
 * The call's value or -errno, and in *c what the register of its third argument holds afterwards. All are made by
 * the same instruction. The number is the whole register.
 */
long raw_call(long number, long a, long b, long *c);

#endif
