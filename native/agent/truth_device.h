/* SPDX-License-Identifier: Apache-2.0 */
/* The hook module's records, passed on as frames. */
#ifndef PF_TRUTH_DEVICE_H
#define PF_TRUTH_DEVICE_H

/* Opens /dev/photofinish, non-blocking; the module records while it is open. The fd, or -errno. */
int truth_device_open(void);

/* Sends every record that is there. */
void truth_device_drain(int fd);

#endif
