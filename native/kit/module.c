// SPDX-License-Identifier: Apache-2.0
#include "module.h"
#include "broken.h"
#include "kit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MODULE	   "/lib/modules/photofinish.ko"
#define TRIES_MOST 100
#define PAUSE_NS   2000000u /* at least: who was held needs a CPU as well, to be gone */

int module_load(const char *parameters)
{
	int fd = open(MODULE, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		kit_broken(MODULE);
	err = syscall(SYS_finit_module, fd, parameters, 0) ? -errno : 0;
	close(fd);
	return err;
}

int module_unload(void)
{
	return syscall(SYS_delete_module, "photofinish", O_NONBLOCK) ? -errno : 0;
}

int module_unload_after(uint64_t hold_ns)
{
	uint64_t pause = hold_ns / (TRIES_MOST / 4);
	int err = module_unload();

	for (int i = 0; err == -EAGAIN && i < TRIES_MOST; i++) {
		kit_sleep_ns(pause > PAUSE_NS ? pause : PAUSE_NS);
		err = module_unload();
	}
	return err;
}
