/* SPDX-License-Identifier: Apache-2.0 */
/* For watches of openings: two files that are told apart by what fstat(2) says. */
#ifndef PF_KIT_WATCH_FILES_H
#define PF_KIT_WATCH_FILES_H

#include "watch.h"

#define WATCH_FILES_MOST 320

/* Instead of those below: two whose paths a record does not hold. */
void watch_files_lengthen(void);
/* RACE_ROOM "/GOOD" and "/EVIL". */
void watch_files_make(void);
/* The path of the first; the word in it lies at a multiple of four, which is returned. */
size_t watch_files_path(char path[WATCH_FILES_MOST]);
/* Opens what the path leads to: which of the two it was. */
const char *watch_files_open(const char *path);
/* For `told` of PF_OPEN: path, as far as it goes, device and inode number are one file's. */
const char *watch_files_told(const struct pf_record *record);

#endif
