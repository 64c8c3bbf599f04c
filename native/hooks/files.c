// SPDX-License-Identifier: GPL-2.0
/* Files that are opened. */
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "hooks.h"

/* Whoever opens a file has little stack left. A probe keeps its CPU, so it has this to itself. */
struct scratch {
	union {
		struct pf_path_event event;
		u8 bytes[sizeof(struct pf_path_event) + PF_PATH_MOST];
	} record;
	char path[PATH_MAX];
};

static struct scratch __percpu *scratches;

int pf_files_init(void)
{
	scratches = alloc_percpu(struct scratch);
	return scratches ? 0 : -ENOMEM;
}

void pf_files_exit(void)
{
	free_percpu(scratches);
}

/*
 * d_path() does not sleep. It may wait for rename_lock and mount_lock, whose holders do not sleep either.
 */
static const char *where_is(struct file *file, struct scratch *scratch)
{
	const char *path;

	if (!current->fs) /* it ends, and has no root any more */
		return NULL;
	path = d_path(&file->f_path, scratch->path, sizeof(scratch->path));
	return IS_ERR(path) ? NULL : path;
}

static void keep_path(struct pf_path_event *e, const char *path)
{
	size_t n = strnlen(path, PF_PATH_MOST + 1);

	if (n > PF_PATH_MOST)
		e->event.head.flags |= PF_TRUNCATED;
	e->path_bytes = min_t(size_t, n, PF_PATH_MOST);
	memcpy(e->data, path, e->path_bytes);
}

/*
 * What do_dentry_open() asks the LSMs about: the file that the lookup found and that the caller may have,
 * not yet opened by its driver.
 */
void pf_on_open(struct file *file)
{
	struct scratch *scratch = this_cpu_ptr(scratches);
	struct pf_path_event *e = &scratch->record.event;
	const struct inode *inode = file_inode(file);
	const char *path;

	memset(e, 0, sizeof(*e));
	pf_view_of(&e->event.view, current);
	e->event.view.args[0] = file->f_flags & ~__FMODE_EXEC; /* no flag of open(2) */
	e->event.view.args[1] = inode->i_mode;
	e->event.view.args[2] = new_encode_dev(inode->i_sb->s_dev);
	e->event.view.args[3] = inode->i_ino;
	e->event.view.args[4] = new_encode_dev(inode->i_rdev);
	path = where_is(file, scratch);
	if (path)
		keep_path(e, path);
	else
		e->event.head.flags |= PF_TRUNCATED;
	pf_tell(PF_OPEN, &e->event, sizeof(*e) + e->path_bytes);
}
