/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All attacks of a guest are one program: the C library, which is most of each, is there once. A guest's
 * memory and the start of its kernel, which unpacks them, are measured by their size.
 */
#ifndef PF_KIT_ATTACKS_H
#define PF_KIT_ATTACKS_H

struct attack_entry {
	const char *path; /* that it is started by */
	int (*main)(int argc, char **argv);
};

/* Written by who links them; the last one's path is NULL. */
extern const struct attack_entry attack_entries[];

#endif
