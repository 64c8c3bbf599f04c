/* SPDX-License-Identifier: Apache-2.0 */
/* Another root for the command: a tree of files that was brought along, in a guest that is thrown away. */
#ifndef PF_NEW_ROOT_H
#define PF_NEW_ROOT_H

/*
 * Makes `directory` the root, with /proc, /sys and /dev of the old one in it; what was mounted below
 * the old root is out of reach. Needs CAP_SYS_ADMIN. 0 or -errno, *step being what failed.
 */
int new_root(const char *directory, const char **step);

#endif
