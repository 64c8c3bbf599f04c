// SPDX-License-Identifier: GPL-2.0
/* /dev/photofinish: records flow while one process holds it open. */
#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>

#include "compat/poll.h"
#include "hooks.h"

static atomic_t openers = ATOMIC_INIT(0);

static int device_open(struct inode *inode, struct file *file)
{
	if (atomic_cmpxchg(&openers, 0, 1) != 0)
		return -EBUSY;
	pf_ring_start();
	return nonseekable_open(inode, file);
}

static int device_release(struct inode *inode, struct file *file)
{
	pf_ring_stop();
	atomic_set(&openers, 0);
	return 0;
}

static ssize_t device_read(struct file *file, char __user *to, size_t size, loff_t *pos)
{
	return pf_ring_read(to, size, !(file->f_flags & O_NONBLOCK));
}

static pf_poll_t device_poll(struct file *file, struct poll_table_struct *table)
{
	return pf_ring_poll(file, table) ? PF_POLL_READABLE : 0;
}

static const struct file_operations device_ops = {
	.owner = THIS_MODULE, /* an open device keeps the module loaded */
	.open = device_open,
	.release = device_release,
	.read = device_read,
	.poll = device_poll,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "photofinish",
	.fops = &device_ops,
	.mode = 0600,
};

int pf_device_init(void)
{
	return misc_register(&device);
}

void pf_device_exit(void)
{
	misc_deregister(&device);
}
