// SPDX-License-Identifier: Apache-2.0
#include "landlock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* include/uapi/linux/landlock.h, from ABI 2 and 3; the headers here may be older than the kernel. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ull << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ull << 14)
#endif
#define ABI_REFER    2
#define ABI_TRUNCATE 3

#define FIRST_OF_OUR_OWN 10

#define READING (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define NAMING                                                                                     \
	(LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |                          \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |                               \
	 LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |                             \
	 LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER)
/* No rule gives these. */
#define DEVICES (LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK)
#define OF_FILES                                                                                   \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE |                               \
	 LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE)

static uint64_t handled(int abi)
{
	uint64_t all = OF_FILES | READING | NAMING | DEVICES;

	return abi >= ABI_TRUNCATE ? all : all & ~LANDLOCK_ACCESS_FS_TRUNCATE;
}

int landlock_usable_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return abi >= ABI_REFER ? (int)abi : 0;
}

/* Landlock's right to list is for all beneath: that is the same where nothing beneath has a list. */
static bool has_directories(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	bool some = !d;

	while (d && !some && (errno = 0, entry = readdir(d))) {
		struct stat st;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		some = fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		       S_ISDIR(st.st_mode);
	}
	some = some || errno; /* nobody knows of what is behind there */
	if (d)
		closedir(d);
	return some;
}

bool landlock_can_say(const struct rules *rules, const char **why)
{
	*why = NULL;
	if (rules->by_process)
		*why = "a rule is for /proc of processes, which are not there yet";
	else if (rules->links)
		*why = "a rule's path is a link or leads through one, and is not for what that "
		       "leads to";
	else if (rules->missing)
		*why = "a rule is for what is not there yet";
	else if (rules->there.count)
		*why = "a rule is for names in a directory, and not for those that are there";
	for (uint32_t i = 0; !*why && i < rules->paths.count; i++)
		if (rules->paths.at[i].flags & RIGHT_LIST_IT &&
		    !(rules->paths.at[i].flags & (RIGHT_READ | RIGHT_NAMES_IT)) &&
		    has_directories(rules->paths.at[i].key))
			*why = "a rule is for a directory's list, and not for those beneath it";
	return !*why;
}

static uint64_t access_of(unsigned rights, bool directory, int abi)
{
	uint64_t access = 0;

	if (rights & RIGHT_READ)
		access |= READING;
	if (rights & RIGHT_LIST_IT)
		access |= LANDLOCK_ACCESS_FS_READ_DIR;
	if (rights & RIGHT_RUN)
		access |= LANDLOCK_ACCESS_FS_EXECUTE;
	if (rights & RIGHT_WRITE)
		access |= LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE;
	if (rights & RIGHT_NAMES)
		access |= NAMING;
	if (rights & RIGHT_NAMES_IT) /* nothing is in it yet, so it is all beneath */
		access |= NAMING | READING | LANDLOCK_ACCESS_FS_WRITE_FILE |
			  LANDLOCK_ACCESS_FS_TRUNCATE;
	return access & handled(abi) & (directory ? UINT64_MAX : OF_FILES);
}

static int add(int ruleset, const struct bag_entry *rule, int abi)
{
	struct landlock_path_beneath_attr beneath = { .parent_fd = -1 };
	struct stat st;
	int err = 0;

	/* Since it was looked at it may have become another. */
	beneath.parent_fd = rules_hold(rule->key, &st);
	if (beneath.parent_fd < 0)
		return beneath.parent_fd;
	if (S_ISLNK(st.st_mode))
		err = -ELOOP;
	beneath.allowed_access = access_of(rule->flags, S_ISDIR(st.st_mode), abi);
	if (!err && beneath.allowed_access &&
	    syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) < 0)
		err = -errno;
	close(beneath.parent_fd);
	return err;
}

int landlock_ruleset(struct rules *rules)
{
	int abi = landlock_usable_abi(), ruleset, err = 0;
	struct landlock_ruleset_attr attr = { .handled_access_fs = handled(abi) };

	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (ruleset < 0)
		return -errno;
	for (uint32_t i = 0; !err && i < rules->paths.count; i++) {
		err = add(ruleset, &rules->paths.at[i], abi);
		if (err)
			snprintf(rules->missed, sizeof(rules->missed), "%s",
				 rules->paths.at[i].key);
	}
	if (err) {
		close(ruleset);
		return err;
	}
	/* Whoever starts us may have given low numbers a meaning: 3 is where events go (run.c). */
	err = fcntl(ruleset, F_DUPFD_CLOEXEC, FIRST_OF_OUR_OWN);
	err = err < 0 ? -errno : err;
	close(ruleset);
	return err;
}

int landlock_restrict(int ruleset)
{
	return syscall(SYS_landlock_restrict_self, ruleset, 0) < 0 ? -errno : 0;
}
