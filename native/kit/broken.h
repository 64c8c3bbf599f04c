/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PF_KIT_BROKEN_H
#define PF_KIT_BROKEN_H

/* Ends the process with KIT_BROKEN and says which step failed, and why by errno. */
_Noreturn void kit_broken(const char *step);

#endif
