/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signals that ask the warden itself to end, where it waits in wait(2) and nowhere else: under
 * backend trace. Elsewhere a signalfd tells of them.
 */
#ifndef PF_ENDING_H
#define PF_ENDING_H

/* From here on such a signal interrupts whatever waits. 0 or -errno. */
int ending_open(void);
/* The signal that asked; 0: none has. */
int ending_signal(void);

#endif
