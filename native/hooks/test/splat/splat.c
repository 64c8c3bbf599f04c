// SPDX-License-Identifier: GPL-2.0
/*
 * For tests only: a module with the bugs that the checks of a debug kernel are to find, one for each
 * name that is written to the setting photofinish/splat. Whoever cannot see these sees none in the hook
 * module. What each leaves behind is a guest that is thrown away.
 */
#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/sysctl.h>
#include <linux/version.h>
#include <linux/workqueue.h>

/* All of an object of the allocator's: the next byte is its red zone. */
#define SIZE 2048
#define MANY 64

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(spinlock);
static int *shared; /* said to be RCU's */
static volatile int sink;

static void nothing(void)
{
}

static void warning(void)
{
	WARN_ON(1);
}

/* Sleeps where it must not. */
static void atomic(void)
{
	spin_lock(&spinlock);
	mutex_lock(&first);
	mutex_unlock(&first);
	spin_unlock(&spinlock);
}

static void inversion(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static void rcu(void)
{
	sink = !!rcu_dereference(shared);
}

static void which_cpu(void)
{
	sink = smp_processor_id();
}

/* KASAN sees the access; else the poison is looked at when the object is given out anew. */
static void freed(void)
{
	char *volatile object = kmalloc(SIZE, GFP_KERNEL);
	void *all[MANY];
	int i;

	kfree(object);
	if (object)
		object[SIZE / 2] = 1;
	for (i = 0; i < MANY; i++)
		all[i] = kmalloc(SIZE, GFP_KERNEL);
	while (i-- > 0)
		kfree(all[i]);
}

/* One byte beyond the end: KASAN's red zone; else that of the allocator, seen when it is freed. */
static void beyond(void)
{
	char *volatile object = kmalloc(SIZE, GFP_KERNEL);
	int size = SIZE;

	OPTIMIZER_HIDE_VAR(size);
	if (object)
		object[size] = 1;
	kfree(object);
}

static void list(void)
{
	LIST_HEAD(head);
	LIST_HEAD(entry);

	list_add(&entry, &head);
	entry.prev = &entry;
	list_del(&entry);
}

static void unused(struct work_struct *work)
{
}

/* Frees what a timer is in that still runs. */
static void object(void)
{
	struct delayed_work *work = kmalloc(sizeof(*work), GFP_KERNEL);

	if (!work)
		return;
	INIT_DELAYED_WORK(work, unused);
	schedule_delayed_work(work, 1000 * HZ);
	kfree(work);
}

/* Several, because the last one's address stays in places of the stack that nobody has used since. */
static void leak(void)
{
	int i;

	for (i = 0; i < MANY; i++)
		sink = !!kmalloc(SIZE, GFP_KERNEL);
}

static const struct {
	const char *name;
	void (*make)(void);
} splats[] = {
	{ "nothing", nothing },	    { "warning", warning }, { "atomic", atomic },
	{ "inversion", inversion }, { "rcu", rcu },	    { "preemptible", which_cpu },
	{ "freed", freed },	    { "beyond", beyond },   { "list", list },
	{ "object", object },	    { "leak", leak },
};

static int make_splat(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(splats); i++) {
		if (strcmp(name, splats[i].name))
			continue;
		splats[i].make();
		return 0;
	}
	return -EINVAL;
}

/* 78eb4ea25cd5, first in 6.11, made tables const; since then they have no last entry, either. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define TABLE const struct ctl_table
#else
#define TABLE	      struct ctl_table
#define TABLE_HAS_END 1
#endif

static char wanted[16];

static int on_setting(TABLE *table, int write, void *buffer, size_t *length, loff_t *position)
{
	int err = proc_dostring(table, write, buffer, length, position);

	return err || !write ? err : make_splat(wanted);
}

/* A job's settings are the one thing in it that is done by root. */
static struct ctl_table settings[] = {
	{
		.procname = "splat",
		.data = wanted,
		.maxlen = sizeof(wanted),
		.mode = 0600,
		.proc_handler = on_setting,
	},
#ifdef TABLE_HAS_END
	{},
#endif
};

static struct ctl_table_header *header;

static int __init splat_init(void)
{
	header = register_sysctl("photofinish", settings);
	if (!header)
		return -ENOMEM;
	/* The test makes another module of it, which has its bug as soon as it is loaded. */
	return make_splat("nothing");
}

static void __exit splat_exit(void)
{
	unregister_sysctl_table(header);
}

module_init(splat_init);
module_exit(splat_exit);

MODULE_DESCRIPTION("Photofinish: bugs for a test");
MODULE_LICENSE("GPL");
