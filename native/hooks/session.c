// SPDX-License-Identifier: GPL-2.0
/* /dev/photofinish: every open is a session, with rings and hooks that end with it. */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "arch/arch.h"
#include "compat/levers.h"
#include "compat/poll.h"
#include "hooks.h"

struct pf_session {
	struct mutex lock;	      /* guards what follows; taken before the table's */
	struct pf_rings_state *rings; /* set once; read without the lock too */
};

struct pf_rings_state *pf_session_rings(struct pf_session *session)
{
	return session->rings;
}

static int device_open(struct inode *inode, struct file *file)
{
	struct pf_session *session = kzalloc(sizeof(*session), GFP_KERNEL);

	if (!session)
		return -ENOMEM;
	mutex_init(&session->lock);
	file->private_data = session;
	return nonseekable_open(inode, file);
}

static int device_release(struct inode *inode, struct file *file)
{
	struct pf_session *session = file->private_data;

	pf_table_remove_all(session);
	pf_rings_free(session->rings);
	kfree(session);
	return 0;
}

static void give_reason(struct pf_session *session, const char *why)
{
	struct pf_reason_record record = { .head.kind = PF_REASON };

	if (!why || !session->rings)
		return;
	/* Not strscpy(): in 4.10 it reads words, so past a string's end, of which KASAN complains. */
	snprintf(record.text, sizeof(record.text), "%s", why);
	pf_rings_put(session->rings, &record.head, sizeof(record));
}

static u64 abilities(void)
{
	u64 can = PF_CAN_SET_ARGUMENT | PF_CAN_SET_RESULT;

	if (PF_ARCH_CAN_SKIP)
		can |= PF_CAN_SKIP;
	if (PF_CALLS_MAY_SLEEP)
		can |= PF_CAN_HOLD_CALLS;
	if (pf_probe_exists(PF_PROBE_NAMESPACE))
		can |= PF_CAN_GATE_FREELY;
	if (pf_probe_exists(PF_PROBE_HELPER_ASKED) && pf_probe_exists(PF_PROBE_HELPER_RUNS))
		can |= PF_CAN_KEEP_HELPERS;
	return can;
}

static long tell_info(void __user *to)
{
	struct pf_info info = {
		.version = PF_VERSION,
		.abi = PF_NATIVE_ABI,
		.cpus = nr_cpu_ids,
		.kinds = pf_kinds(),
		.abilities = abilities(),
	};

	return copy_to_user(to, &info, sizeof(info)) ? -EFAULT : 0;
}

static long set_rings(struct pf_session *session, void __user *arg)
{
	struct pf_rings_state *rings;
	struct pf_rings asked;

	if (copy_from_user(&asked, arg, sizeof(asked)))
		return -EFAULT;
	if (asked.version != PF_VERSION || asked.stride || asked.zero)
		return -EINVAL;
	if (session->rings)
		return -EBUSY;
	if (asked.data_bytes < PF_RING_LEAST || asked.data_bytes > PF_RING_MOST ||
	    !is_power_of_2(asked.data_bytes))
		return -EINVAL;
	rings = pf_rings_new(asked.data_bytes);
	if (!rings)
		return -ENOMEM;
	smp_store_release(&session->rings, rings); /* with what is in them */
	asked.stride = pf_rings_stride(rings);
	return copy_to_user(arg, &asked, sizeof(asked)) ? -EFAULT : 0;
}

static struct sock_filter *copy_program(const struct pf_hook *hook, const char **why)
{
	size_t bytes = hook->length * sizeof(struct sock_filter);
	struct sock_filter *program;

	if (!hook->length || !hook->program)
		return NULL; /* one without the other is a flaw of the hook's */
	if (hook->length > PF_PROGRAM_MOST) {
		*why = "program: longer than 512 instructions";
		return ERR_PTR(-EINVAL);
	}
	program = kmalloc(bytes, GFP_KERNEL);
	if (!program)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(program, (const void __user *)(uintptr_t)hook->program, bytes)) {
		kfree(program);
		*why = "program: it cannot be read";
		return ERR_PTR(-EFAULT);
	}
	*why = pf_program_flaw(program, hook->length);
	if (*why) {
		kfree(program);
		return ERR_PTR(-EINVAL);
	}
	return program;
}

static long add_hook(struct pf_session *session, const void __user *arg)
{
	struct sock_filter *program;
	const char *why = NULL;
	struct pf_hook hook;
	int id;

	if (copy_from_user(&hook, arg, sizeof(hook)))
		return -EFAULT;
	if (!session->rings)
		return -ENXIO; /* there would be nowhere to say why not */
	program = copy_program(&hook, &why);
	id = IS_ERR(program) ? PTR_ERR(program) : pf_table_add(session, &hook, program, &why);
	if (id < 0) {
		give_reason(session, why);
		if (!IS_ERR(program))
			kfree(program);
	}
	return id;
}

static long tell_counts(struct pf_session *session, void __user *arg)
{
	struct pf_counts counts;
	int err;

	if (copy_from_user(&counts, arg, sizeof(counts)))
		return -EFAULT;
	err = counts.zero ? -EINVAL : pf_table_counts(session, &counts);
	if (err)
		return err;
	return copy_to_user(arg, &counts, sizeof(counts)) ? -EFAULT : 0;
}

static long do_ioctl(struct pf_session *session, unsigned int command, unsigned long arg)
{
	void __user *at = (void __user *)arg;

	switch (command) {
	case PF_IOC_INFO:
		return tell_info(at);
	case PF_IOC_RINGS:
		return set_rings(session, at);
	case PF_IOC_ADD:
		return add_hook(session, at);
	case PF_IOC_REMOVE:
		return arg > U32_MAX ? -ENOENT : pf_table_remove(session, arg);
	case PF_IOC_COUNTS:
		return tell_counts(session, at);
	default:
		return -ENOTTY;
	}
}

static long device_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	struct pf_session *session = file->private_data;
	long result;

	if (mutex_lock_interruptible(&session->lock))
		return -ERESTARTSYS;
	result = do_ioctl(session, command, arg);
	mutex_unlock(&session->lock);
	return result;
}

static int device_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct pf_session *session = file->private_data;
	/* Not under the session's lock, which is taken before mmap_lock by copies to the user. */
	struct pf_rings_state *rings = smp_load_acquire(&session->rings);

	if (!rings)
		return -ENXIO;
	return pf_rings_map(rings, vma);
}

static pf_poll_t device_poll(struct file *file, struct poll_table_struct *table)
{
	struct pf_session *session = file->private_data;
	struct pf_rings_state *rings = smp_load_acquire(&session->rings);

	if (!rings)
		return PF_POLL_ERROR;
	poll_wait(file, pf_rings_queue(rings), table);
	return pf_rings_wait(rings) ? PF_POLL_READABLE : 0;
}

static const struct file_operations device_ops = {
	.owner = THIS_MODULE, /* an open device, or a map of it, keeps the module loaded */
	.open = device_open,
	.release = device_release,
	.unlocked_ioctl = device_ioctl,
	/* The structures are the same for 32-bit callers. */
	.compat_ioctl = device_ioctl,
	.mmap = device_mmap,
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
