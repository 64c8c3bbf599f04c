/* SPDX-License-Identifier: Apache-2.0 */
/* For watches of openings: two files that are told apart by what fstat(2) says. */
#ifndef PF_KIT_WATCH_FILES_H
#define PF_KIT_WATCH_FILES_H

#include "watch.h"

/* RACE_ROOM "/GOOD" and "/EVIL". */
void watch_files_make(void);
/* Opens what the path leads to: which of the two it was. */
const char *watch_files_open(const char *path);
/* For `told` of PF_OPEN: path, device and inode number are one file's. */
const char *watch_files_told(const struct pf_record *record);

#endif
