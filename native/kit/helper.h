/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attacks on the scope by what the kernel runs for a task (call_usermodehelper): a child in scope has it
 * run the witness, whose exec a gated hook is to see. Defended, the hook keeps its scope and helpers. Shape
 * `many`: so many children ask at a time that none of their programs has begun when the last one asks. Shape
 * `both`: another hook keeps its scope, and does not want the helpers of others. Shape `calls`: it is the call by
 * which the program ends that is to be seen; who asks for it waits until then, and does not make that call.
 */
#ifndef PF_KIT_HELPER_H
#define PF_KIT_HELPER_H

#include "session.h"

/*
 * An attack's whole main. What is run is what stands in the sysctl `path`, `text`; `ask` has the child,
 * which is in scope, make the kernel run it, and returns its exit status if it comes back. In the honest
 * lane the child execs the witness itself.
 */
int helper_main(int argc, char **argv, const char *path, const char *text, int (*ask)(void));

#endif
