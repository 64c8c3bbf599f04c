/* SPDX-License-Identifier: Apache-2.0 */
/* An argv as one run of NUL-terminated strings: the very form of /proc/<pid>/cmdline. */
#ifndef PF_ARGS_H
#define PF_ARGS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * More than this is not judged, so not run: what the kernel takes at most, 6 MiB with an unlimited
 * stack, and what scripts put before it.
 */
#define ARGS_MAX (8u << 20)
/* What is kept from one judgement to the next. */
#define ARGS_KEPT (64u << 10)

struct args {
	char *bytes;
	size_t used, capacity;
	size_t count;
};

void args_free(struct args *a);
void args_clear(struct args *a);
/* As args_clear, and gives back memory that only few argvs need. */
void args_trim(struct args *a);
/* Room for n more bytes: 0, -E2BIG or -ENOMEM. */
int args_reserve(struct args *a, size_t n);
/* Adds bytes to the element under way; args_close ends it. */
int args_append(struct args *a, const void *bytes, size_t n);
int args_close(struct args *a);
int args_push(struct args *a, const char *string);
/* Element i, or NULL. */
const char *args_at(const struct args *a, size_t i);
/* Whole elements of `from`, from element `first` on, are added to `to`. */
int args_copy_tail(struct args *to, const struct args *from, size_t first);

/*
 * Whether `cmdline`, as the kernel shows it, is `approved`. From 5.18 on the kernel turns an empty
 * argv into one empty string.
 */
bool args_match(const struct args *approved, const char *cmdline, size_t n);

#endif
