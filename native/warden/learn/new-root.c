// SPDX-License-Identifier: Apache-2.0
#include "new-root.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder that the tree may lack. */
static int folder(const char *name, mode_t mode)
{
	if (mkdir(name, mode) < 0 && errno != EEXIST)
		return -errno;
	return 0;
}

static int carry_over(const char *name, const char *from)
{
	int err = folder(name, 0755);

	if (!err && mount(from, name, NULL, MS_BIND | MS_REC, NULL) < 0)
		err = -errno;
	return err;
}

int new_root(const char *directory, const char **step)
{
	int err;

	*step = "bind";
	if (mount(directory, directory, NULL, MS_BIND | MS_REC, NULL) < 0 || chdir(directory) < 0)
		return -errno;
	*step = "/proc, /sys and /dev";
	err = carry_over("proc", "/proc");
	if (!err)
		err = carry_over("sys", "/sys");
	if (!err)
		err = carry_over("dev", "/dev");
	if (!err)
		err = folder("tmp", 01777);
	if (err)
		return err;
	/* As switch_root(8) does: a first root cannot be pivoted away. */
	*step = "move";
	if (mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 || chdir("/") < 0)
		return -errno;
	return 0;
}
