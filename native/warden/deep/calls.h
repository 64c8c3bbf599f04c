/* SPDX-License-Identifier: Apache-2.0 */
/* The calls whose pointers are looked behind, and where each has what. */
#ifndef PF_DEEP_CALLS_H
#define PF_DEEP_CALLS_H

enum deep_kind {
	KIND_OPEN,
	KIND_CONNECT,
	KIND_BIND,
	KIND_SENDTO,
	KIND_SENDMSG,
	KIND_SENDMMSG,
	KIND_CLONE3,
};

#define NO_ARG (-1)

/* Places of arguments; NO_ARG where the call has none. */
struct deep_shape {
	int number;
	enum deep_kind kind;
	signed char dir, path, flags, mode, how;
};

/* NULL for any other call. */
const struct deep_shape *deep_shape(int number);
/* The numbers of all of them, ends with -1. */
const int *deep_numbers(void);

#endif
