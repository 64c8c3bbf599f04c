/* SPDX-License-Identifier: Apache-2.0 */
/* What the warden ends with where it does not end as the command did; 126 and 128 + n are as shells have them. */
#ifndef PF_EXITS_H
#define PF_EXITS_H

enum { EXIT_WORDS = 2, EXIT_REFUSED = 125, EXIT_OWN_FAILURE = 126, EXIT_SIGNAL_BASE = 128 };

#endif
