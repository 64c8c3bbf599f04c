// SPDX-License-Identifier: Apache-2.0
#include "guest.h"

#include "hooks.h"
#include "int80.h"
#include "restart.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

/* Not below /proc/sys, where all other settings are. */
#define PROC_HIDEPID "proc/hidepid"

static const struct {
	const char *type, *target, *options;
	unsigned long flags;
} mounts[] = {
	{ "proc", "/proc", "", MS_NOSUID | MS_NODEV | MS_NOEXEC },
	{ "sysfs", "/sys", "", MS_NOSUID | MS_NODEV | MS_NOEXEC },
	{ "devtmpfs", "/dev", "mode=0755", MS_NOSUID | MS_NOEXEC },
	{ "tmpfs", "/run", "mode=0755", MS_NOSUID | MS_NODEV },
	{ "tmpfs", "/tmp", "mode=1777", MS_NOSUID | MS_NODEV },
};

int guest_mount(struct fault *fault)
{
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		if (mkdir(mounts[i].target, 0755) && errno != EEXIST) {
			*fault = (struct fault){ "mkdir", mounts[i].target, -errno };
			return fault->err;
		}
		if (mount(mounts[i].type, mounts[i].target, mounts[i].type, mounts[i].flags,
			  mounts[i].options)) {
			*fault = (struct fault){ "mount", mounts[i].target, -errno };
			return fault->err;
		}
	}
	return 0;
}

int guest_load_module(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (syscall(SYS_finit_module, fd, "", 0))
		err = -errno;
	close(fd);
	return err;
}

int guest_seed_random(const char *path)
{
	/* struct rand_pool_info of linux/random.h, with room behind it */
	struct {
		int entropy_count, buf_size;
		unsigned char bytes[512];
	} pool;
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	ssize_t n;

	_Static_assert(offsetof(struct rand_pool_info, buf) == 2 * sizeof(int), "RNDADDENTROPY");
	if (fd < 0)
		return -errno;
	n = read(fd, pool.bytes, sizeof(pool.bytes));
	if (n < 0)
		err = -errno;
	close(fd);
	if (err)
		return err;
	pool.buf_size = (int)n;
	pool.entropy_count = (int)n * 8;
	fd = open("/dev/random", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, RNDADDENTROPY, &pool) < 0)
		err = -errno;
	close(fd);
	return err;
}

static int write_sysctl(const char *name, const char *value)
{
	char path[256];
	int n = snprintf(path, sizeof(path), "/proc/sys/%s", name), fd, err = 0;
	size_t length = strlen(value);
	ssize_t written;

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	written = write(fd, value, length);
	if (written < 0)
		err = -errno;
	else if ((size_t)written != length)
		err = -EIO;
	close(fd);
	return err;
}

static int remount_proc(const char *hidepid)
{
	char options[32];
	int n = snprintf(options, sizeof(options), "hidepid=%s", hidepid);

	if (n < 0 || (size_t)n >= sizeof(options))
		return -ENAMETOOLONG;
	return mount("proc", "/proc", "proc", MS_REMOUNT | mounts[0].flags, options) ? -errno : 0;
}

int guest_sysctl(const char *name, const char *value)
{
	if (!strcmp(name, PROC_HIDEPID))
		return remount_proc(value);
	return write_sysctl(name, value);
}

static int exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* A call with arguments that no kernel accepts tells whether it is there: anything but ENOSYS. */
static int has_syscall(long number)
{
	return syscall(number, -1, -1, -1, -1, -1, -1) >= 0 || errno != ENOSYS;
}

static int has_user_notification(void)
{
	__u32 action = SECCOMP_RET_USER_NOTIF;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

static int landlock_abi(void)
{
	/* LANDLOCK_CREATE_RULESET_VERSION, linux/landlock.h */
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, 1U);

	return abi > 0 ? (int)abi : 0;
}

#ifdef __x86_64__
/* In a child: where the kernel has no such gate, the attempt kills. */
static int has_int80(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(int80(20, 0, 0, 0) == getpid() ? 0 : 1); /* getpid of i386 */
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 0;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int has_x32(void)
{
	return syscall(0x40000000 + SYS_getpid) == getpid();
}
#endif

/* Other ways to make a call than the ABI's own. */
static void foreign_features(struct jsonl *j)
{
	(void)j; /* some arches have none */
#ifdef __x86_64__
	jsonl_int(j, "int80", has_int80());
	jsonl_int(j, "x32", has_x32());
#endif
#ifdef SYS_socketcall
	jsonl_int(j, "socketcall", has_syscall(SYS_socketcall));
#endif
#ifdef __mips__
	jsonl_int(j, "indirect-syscall", 1);
#endif
}

#define MANY_TASKS "5000"

/* Kernels before 5.4 (b0f53dbc4bc4) allow no more tasks than a small part of the memory has stacks for. */
static int allows_many_tasks(void)
{
	int fd = open("/proc/sys/kernel/threads-max", O_RDWR | O_CLOEXEC), allows = 0;
	char before[16], after[16] = "";
	ssize_t n = fd < 0 ? -1 : read(fd, before, sizeof(before));

	if (n > 0 && pwrite(fd, MANY_TASKS, strlen(MANY_TASKS), 0) > 0) {
		allows = pread(fd, after, sizeof(after) - 1, 0) > 0 &&
			 !strncmp(after, MANY_TASKS, strlen(MANY_TASKS));
		if (pwrite(fd, before, (size_t)n, 0) != n)
			allows = 0;
	}
	if (fd >= 0)
		close(fd);
	return allows;
}

static void hook_features(struct jsonl *j)
{
	uint64_t can = 0, kinds = 0;
	struct hooks h;
	int err = hooks_open(&h, PF_RING_LEAST);

	if (!err) {
		can = h.info.abilities;
		kinds = h.info.kinds;
		hooks_close(&h);
	}
	jsonl_int(j, "hooks", !err);
	jsonl_int(j, "hooks-skip", !!(can & PF_CAN_SKIP));
	jsonl_int(j, "hooks-hold-calls", !!(can & PF_CAN_HOLD_CALLS));
	jsonl_int(j, "hooks-keep-helpers", !!(can & PF_CAN_KEEP_HELPERS));
	jsonl_int(j, "hooks-gate-freely", !!(can & PF_CAN_GATE_FREELY));
	jsonl_int(j, "hooks-open", kinds >> PF_OPEN & 1);
	jsonl_int(j, "hooks-bind", kinds >> PF_BIND & 1);
	jsonl_int(j, "hooks-connect", kinds >> PF_CONNECT & 1);
	jsonl_int(j, "hooks-release", kinds >> PF_RELEASE & 1);
	jsonl_int(j, "hooks-unanswered", kinds >> PF_UNANSWERED & 1);
}

void guest_features(struct jsonl *j)
{
	jsonl_object_begin(j, "features");
	jsonl_int(j, "user-notification", has_user_notification());
	jsonl_int(j, "notification-restart", has_user_notification() && restart_works());
	jsonl_int(j, "pidfd-open", has_syscall(SYS_pidfd_open));
	jsonl_int(j, "pidfd-getfd", has_syscall(SYS_pidfd_getfd));
	jsonl_int(j, "openat2", has_syscall(SYS_openat2));
	jsonl_int(j, "clone3", has_syscall(SYS_clone3));
	jsonl_int(j, "landlock", landlock_abi());
	jsonl_int(j, "yama", exists("/proc/sys/kernel/yama/ptrace_scope"));
	jsonl_int(j, "many-tasks", allows_many_tasks());
	hook_features(j);
	jsonl_int(j, "32-bit", sizeof(long) == 4);
	foreign_features(j);
	jsonl_object_end(j);
}

/* 112 MiB is what a checkpoint may take. */
#define SMALL_GUEST_KIB (112 * 1024)

int guest_scrub(void)
{
	struct sysinfo info;
	size_t bytes;
	void *memory;

	if (sysinfo(&info))
		return -errno;
	/* A small guest is saved whole for less than its scrubbing costs. */
	if (info.totalram / 1024 * info.mem_unit <= SMALL_GUEST_KIB)
		return 0;
	/* Some is left, so that nobody is pushed out of memory while the kernel zeroes the rest for
	 * us. */
	bytes = (size_t)((uint64_t)info.freeram * info.mem_unit / 10 * 9);
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (memory == MAP_FAILED)
		return -errno;
	return munmap(memory, bytes) ? -errno : 0;
}
