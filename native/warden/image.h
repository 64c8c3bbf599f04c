/* SPDX-License-Identifier: Apache-2.0 */
/* The file an exec is about to run, and what the new image must look like. */
#ifndef PF_IMAGE_H
#define PF_IMAGE_H

#include "args.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* How much of a file the kernel looks at for "#!": BINPRM_BUF_SIZE. */
#define IMAGE_HEAD 256

/* As read from the held call, once. */
struct exec_call {
	pid_t tid, tgid;
	int dirfd; /* AT_FDCWD for execve */
	int flags; /* of execveat */
	char path[PATH_MAX];
	char named[PATH_MAX + 32]; /* path as the kernel will name it to a script's interpreter */
	char judged[PATH_MAX * 2]; /* path as the policy sees it */
	struct args argv;
	struct args envp; /* read only where the policy asks for it */
};

struct image {
	dev_t device;
	ino_t inode;
	int fd; /* keeps the file, so its inode number cannot become another's; -1: none */
};

/* One step from a script to its interpreter: returns non-zero to refuse. */
typedef int (*image_visit)(void *context, const char *path, const struct args *argv);

/* Parses the first bytes of a file: 1 and the two words for a script, 0 for anything else. */
int image_parse_script(const char *head, size_t n, char *interpreter, char *argument, size_t size);

/* Fills named and judged. 0 or -errno. */
int image_name(struct exec_call *call);

/*
 * Opens the file as the caller would and follows scripts to their interpreters; argv, which starts
 * as the call's, becomes that of the final image. At a visit *out is still the script. 0, -errno of the
 * open, or what a visit returned.
 */
int image_resolve(const struct exec_call *call, struct args *argv, image_visit visit, void *context,
		  struct image *out);
void image_release(struct image *image);
/* Where it is, as our root has it. 0 or -errno. */
int image_path(const struct image *image, char out[PATH_MAX]);
/* The file that a process runs now; without an fd. */
int image_of_process(pid_t pid, struct image *out);

#endif
