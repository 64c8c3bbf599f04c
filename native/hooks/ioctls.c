// SPDX-License-Identifier: GPL-2.0
/*
 * ioctl(2) that nobody answered. Which file was asked is known when the kernel has taken it by its
 * descriptor, and at the call's end the descriptor may be another's: so it is noted in between, as
 * numbers that stay true when the file is gone.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>

#include "arch/arch.h"
#include "hooks.h"

void pf_on_ioctl(const struct file *file, unsigned int command, unsigned long argument)
{
	const struct inode *inode = file_inode(file);
	struct pf_flight *f = pf_flight_find();

	/* What the kernel asks of others on the way, as overlayfs does, is not the caller's. */
	if (!f || f->asked.noted || !pf_is_ioctl(f->abi, f->number))
		return;
	f->asked.noted = true;
	f->asked.command = command;
	f->asked.argument = pf_abi_is_32(f->abi) ? (u32)argument : argument;
	f->asked.rdev = new_encode_dev(inode->i_rdev);
	f->asked.device = new_encode_dev(inode->i_sb->s_dev);
	f->asked.inode = inode->i_ino;
	f->asked.mode = inode->i_mode;
}

void pf_ioctl_ends(const struct pf_flight *f, s64 result)
{
	struct pf_event event = {};

	if (!f->asked.noted || result != -ENOTTY)
		return;
	pf_view_of(&event.view, current);
	event.view.number = f->number;
	event.view.abi = f->abi;
	event.view.result = result;
	event.view.args[0] = f->asked.command;
	event.view.args[1] = f->asked.argument;
	event.view.args[2] = f->asked.rdev;
	event.view.args[3] = f->asked.device;
	event.view.args[4] = f->asked.inode;
	event.view.args[5] = f->asked.mode;
	pf_tell(PF_UNANSWERED, &event, sizeof(event));
}

void pf_ioctl_is_lost(const struct pf_view *view)
{
	const struct pf_table *t = pf_table_of(PF_UNANSWERED);
	u32 i;

	/* The one that the caller saw may be gone by now. */
	for (i = 0; t && i < t->count; i++)
		if (pf_concerns(t->placed[i], view))
			__this_cpu_inc(t->placed[i]->counts->failed);
}
