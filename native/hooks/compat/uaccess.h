/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PF_COMPAT_UACCESS_H
#define PF_COMPAT_UACCESS_H

#include <linux/uaccess.h>
#include <linux/version.h>

/* 96d4f267e40f, first in 5.0, took the first argument of access_ok() away. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 0, 0)
#define pf_access_ok(addr, n) access_ok(addr, n)
#else
#define pf_access_ok(addr, n) access_ok(VERIFY_READ, addr, n)
#endif

/*
 * Copies what is present of current's user memory and faults nothing in. Returns how many of the
 * @n bytes, from the first on, were copied.
 *
 * Context: any that may touch current's user memory, atomic too.
 */
static inline unsigned long pf_copy_from_user_atomic(void *to, const void __user *from,
						     unsigned long n)
{
	unsigned long left;

	if (!pf_access_ok(from, n))
		return 0;
	pagefault_disable();
	left = __copy_from_user_inatomic(to, from, n);
	pagefault_enable();
	return n - left;
}

#endif
