// SPDX-License-Identifier: Apache-2.0
#include "calls.h"

#include <stddef.h>
#include <sys/syscall.h>

#define SOCKET NO_ARG, NO_ARG, NO_ARG, NO_ARG, NO_ARG

/* What an arch does not have is not in its headers. */
static const struct deep_shape shapes[] = {
#ifdef SYS_open
	{ SYS_open, KIND_OPEN, NO_ARG, 0, 1, 2, NO_ARG },
#endif
#ifdef SYS_creat
	{ SYS_creat, KIND_OPEN, NO_ARG, 0, NO_ARG, 1, NO_ARG },
#endif
	{ SYS_openat, KIND_OPEN, 0, 1, 2, 3, NO_ARG },
	{ SYS_openat2, KIND_OPEN, 0, 1, NO_ARG, NO_ARG, 2 },
	{ SYS_connect, KIND_CONNECT, SOCKET },
	{ SYS_bind, KIND_BIND, SOCKET },
	{ SYS_sendto, KIND_SENDTO, SOCKET },
	{ SYS_sendmsg, KIND_SENDMSG, SOCKET },
	{ SYS_sendmmsg, KIND_SENDMMSG, SOCKET },
	{ SYS_clone3, KIND_CLONE3, SOCKET },
};

#define COUNT (sizeof(shapes) / sizeof(shapes[0]))

const struct deep_shape *deep_shape(int number)
{
	for (size_t i = 0; i < COUNT; i++)
		if (shapes[i].number == number)
			return &shapes[i];
	return NULL;
}

const int *deep_numbers(void)
{
	static int numbers[COUNT + 1];

	for (size_t i = 0; i < COUNT; i++)
		numbers[i] = shapes[i].number;
	numbers[COUNT] = -1;
	return numbers;
}
